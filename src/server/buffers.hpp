#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>

#include "http/byte_scan.hpp"

namespace chopin::server {

/// The bytes a connection has received and not yet used up. Has no memory while the connection is parked.
class InputBuffer {
 public:
  [[nodiscard]] std::string_view bytes() const noexcept { return {memory_.get() + begin_, end_ - begin_}; }
  [[nodiscard]] bool empty() const noexcept { return begin_ == end_; }

  void consume(std::size_t size) noexcept { begin_ += static_cast<std::uint32_t>(size); }

  /// Free space behind the bytes, never empty as long as fewer than `limit` bytes are held. Starts with
  /// `first` bytes of memory and doubles, up to `limit`, when a read has filled it.
  std::span<char> prepare(std::uint32_t first, std::uint32_t limit) {
    if (begin_ == end_) {
      begin_ = end_ = 0;
    } else if (begin_ > 0) {
      std::memmove(memory_.get(), memory_.get() + begin_, end_ - begin_);
      end_ -= begin_;
      begin_ = 0;
    }
    if (capacity_ == 0 || (filled_ && capacity_ < limit)) {
      const std::uint32_t capacity = capacity_ == 0 ? first : std::min(capacity_ * 2, limit);
      auto memory = std::make_unique_for_overwrite<char[]>(capacity + http::ByteScan::slack);
      if (end_ > 0) std::memcpy(memory.get(), memory_.get(), end_);
      memory_ = std::move(memory);
      capacity_ = capacity;
    }
    return {memory_.get() + end_, capacity_ - end_};
  }

  void commit(std::size_t size) noexcept {
    end_ += static_cast<std::uint32_t>(size);
    filled_ = end_ == capacity_;
  }

  void release() noexcept { *this = {}; }

 private:
  std::unique_ptr<char[]> memory_;
  std::uint32_t begin_ = 0;
  std::uint32_t end_ = 0;
  std::uint32_t capacity_ = 0;
  bool filled_ = false;
};

}  // namespace chopin::server
