#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <new>
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

/// The answers of one burst, gathered for one write. A worker has one and empties it before the next burst.
class OutputBuffer {
 public:
  /// `capacity` is there from the start and comes back after a burst that needed more.
  explicit OutputBuffer(std::size_t capacity)
      : memory_(std::make_unique_for_overwrite<char[]>(capacity)),
        first_capacity_(capacity),
        capacity_(capacity) {}

  [[gnu::always_inline]] void append(std::string_view bytes) {
    std::memcpy(prepare(bytes.size()), bytes.data(), bytes.size());
    size_ += bytes.size();
  }

  /// Room for `size` bytes, to be written from the returned place on.
  char* prepare(std::size_t size) {
    if (size > capacity_ - size_) [[unlikely]]
      grow(size);
    return memory_.get() + size_;
  }
  /// `end`: behind the last byte written.
  void commit(const char* end) noexcept { size_ = static_cast<std::size_t>(end - memory_.get()); }

  [[nodiscard]] std::string_view bytes() const noexcept { return {memory_.get(), size_}; }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }

  void clear() noexcept {
    size_ = 0;
    if (capacity_ > first_capacity_) [[unlikely]]
      shrink();
  }

 private:
  void grow(std::size_t needed) {
    const std::size_t capacity = std::max(capacity_ * 2, size_ + needed);
    auto memory = std::make_unique_for_overwrite<char[]>(capacity);
    std::memcpy(memory.get(), memory_.get(), size_);
    memory_ = std::move(memory);
    capacity_ = capacity;
  }

  void shrink() noexcept {
    std::unique_ptr<char[]> memory(new (std::nothrow) char[first_capacity_]);
    if (memory == nullptr) return;
    memory_ = std::move(memory);
    capacity_ = first_capacity_;
  }

  std::unique_ptr<char[]> memory_;
  std::size_t first_capacity_;
  std::size_t size_ = 0;
  std::size_t capacity_;
};

}  // namespace chopin::server
