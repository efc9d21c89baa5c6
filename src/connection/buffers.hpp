#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>
#include <utility>

#include "chopin/config.hpp"
#include "text/byte_scan.hpp"

namespace chopin::connection {

/// Where the connections of a worker receive, one after the other.
class InputSpace {
 public:
  [[nodiscard]] std::span<char> bytes() const noexcept { return {memory_.get(), Limits::read_buffer}; }

 private:
  std::unique_ptr<char[]> memory_ =
      std::make_unique_for_overwrite<char[]>(Limits::read_buffer + text::ByteScan::slack);
};

/// The bytes a connection has received and not yet used up. It has memory of its own only for what a burst
/// leaves over.
class InputBuffer {
 public:
  [[nodiscard]] std::string_view bytes() const noexcept { return {memory_ + begin_, end_ - begin_}; }
  [[nodiscard]] bool empty() const noexcept { return begin_ == end_; }

  void consume(std::size_t size) noexcept { begin_ += static_cast<std::uint32_t>(size); }

  /// Room for the next read, behind what is left over: in `lent`, or in memory of the buffer's own, which
  /// doubles, up to `limit` bytes, when it is full. Never empty as long as fewer than `limit` bytes are held.
  /// Throws std::bad_alloc.
  std::span<char> prepare(const InputSpace& lent, std::uint32_t limit) {
    if (size() <= most_carried) [[likely]]
      return carry_to(lent.bytes());
    if (begin_ > 0) {
      std::memmove(memory_, memory_ + begin_, size());
      end_ -= std::exchange(begin_, 0);
    } else if (end_ == own_size_ && own_size_ < limit) {
      move_to_own(std::min(own_size_ * 2, limit));
    }
    return {memory_ + end_, own_size_ - end_};
  }

  void commit(std::size_t size) noexcept { end_ += static_cast<std::uint32_t>(size); }

  /// Others receive into what was lent from now on. Throws std::bad_alloc.
  void give_back() {
    if (!empty()) [[unlikely]] {
      if (memory_ != own_.get()) move_to_own(std::max(own_size_, std::bit_ceil(size())));
    } else if (own_ != nullptr) [[unlikely]] {
      *this = {};
    }
  }

 private:
  // Copying more at each read would let a client that sends its head byte by byte cost the head's square.
  static constexpr std::uint32_t most_carried = 4096;

  [[nodiscard]] std::uint32_t size() const noexcept { return end_ - begin_; }

  std::span<char> carry_to(std::span<char> lent) noexcept {
    if (!empty()) [[unlikely]]
      std::ranges::copy(bytes(), lent.data());
    end_ -= std::exchange(begin_, 0);
    memory_ = lent.data();
    return lent.subspan(end_);
  }

  void move_to_own(std::uint32_t least) {
    std::unique_ptr<char[]> memory;
    if (least > own_size_) memory = std::make_unique_for_overwrite<char[]>(least + text::ByteScan::slack);
    std::ranges::copy(bytes(), memory ? memory.get() : own_.get());
    end_ -= std::exchange(begin_, 0);
    if (memory) {
      own_ = std::move(memory);
      own_size_ = least;
    }
    memory_ = own_.get();
  }

  std::unique_ptr<char[]> own_;
  char* memory_ = nullptr;  // own_ or what is lent
  std::uint32_t begin_ = 0;
  std::uint32_t end_ = 0;
  std::uint32_t own_size_ = 0;
};

}  // namespace chopin::connection
