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

/// The memory into which a worker's connections receive, one after the other.
class InputSpace {
 public:
  [[nodiscard]] std::span<char> bytes() const noexcept { return {memory_.get(), Limits::read_buffer}; }

 private:
  std::unique_ptr<char[]> memory_ =
      std::make_unique_for_overwrite<char[]>(Limits::read_buffer + text::ByteScan::slack);
};

/// The bytes that a connection has received and not yet consumed. It has memory of its own only for what is
/// left after a burst.
///
/// Thread safety: one thread, that of the worker.
/// Lifetime: its connection's. Views of `bytes` end with `prepare` and `give_back`.
/// Throws: std::bad_alloc.
class InputBuffer {
 public:
  [[nodiscard]] std::string_view bytes() const noexcept { return {memory_ + begin_, end_ - begin_}; }
  [[nodiscard]] bool empty() const noexcept { return begin_ == end_; }

  void consume(std::size_t size) noexcept { begin_ += static_cast<std::uint32_t>(size); }

  /// Space for the next read, after the bytes that are left: in `lent`, or in the buffer's own memory, which
  /// doubles when it is full, up to `limit` bytes. Not empty while fewer than `limit` bytes are held.
  std::span<char> prepare(const InputSpace& lent, std::uint32_t limit) {
    if (size() < carries_below_) [[likely]]
      return carry_to(lent.bytes());
    if (carries_below_ == 0) return prepare_own(limit);
    return space_in_own(limit);
  }

  void commit(std::size_t size) noexcept { end_ += static_cast<std::uint32_t>(size); }

  /// Moves what is left out of the lent space, into which other connections receive from now on.
  void give_back() {
    if (!empty()) [[unlikely]] {
      if (memory_ != own_.get()) move_to_own(std::max(own_size_, std::bit_ceil(size())));
    } else if (own_ != nullptr) [[unlikely]] {
      release();
    }
  }
  /// The memory of its own, in bytes.
  [[nodiscard]] std::uint32_t own_memory() const noexcept { return own_size_; }

  /// While this is so, bytes stay where they are until they are consumed or `prepare` is called.
  void keep_in_place(bool stays) {
    carries_below_ = stays ? 0 : most_carried + 1;
    if (stays && !empty() && memory_ != own_.get()) move_to_own(std::max(own_size_, std::bit_ceil(size())));
  }

 private:
  // If more were copied at each read, a client that sends its head byte by byte would cost quadratic time.
  static constexpr std::uint32_t most_carried = 4096;

  [[nodiscard]] std::uint32_t size() const noexcept { return end_ - begin_; }

  std::span<char> carry_to(std::span<char> lent) noexcept {
    if (!empty()) [[unlikely]]
      std::ranges::copy(bytes(), lent.data());
    end_ -= std::exchange(begin_, 0);
    memory_ = lent.data();
    return lent.subspan(end_);
  }

  /// At first as large as the lent space, so that a large body takes few reads.
  std::span<char> prepare_own(std::uint32_t limit) {
    if (own_size_ < Limits::read_buffer) move_to_own(Limits::read_buffer);
    return space_in_own(limit);
  }

  std::span<char> space_in_own(std::uint32_t limit) {
    if (begin_ > 0) {
      std::memmove(memory_, memory_ + begin_, size());
      end_ -= std::exchange(begin_, 0);
    } else if (end_ == own_size_ && own_size_ < limit) {
      move_to_own(std::min(own_size_ * 2, limit));
    }
    return {memory_ + end_, own_size_ - end_};
  }

  void release() noexcept {
    const std::uint32_t carries_below = carries_below_;
    *this = {};
    carries_below_ = carries_below;
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
  char* memory_ = nullptr;  // own_ or the lent space
  std::uint32_t begin_ = 0;
  std::uint32_t end_ = 0;
  std::uint32_t own_size_ = 0;
  std::uint32_t carries_below_ = most_carried + 1;  // 0: bytes stay in place
};

}  // namespace chopin::connection
