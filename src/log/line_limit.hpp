#pragma once

#include <chrono>
#include <cstdint>
#include <utility>

namespace chopin::log {

/// So that a flood of faults does not become a flood of lines: admits so many in a second, and counts the
/// others, of which the next line tells.
///
/// Thread safety: one thread.
/// Lifetime: independent.
/// Throws: nothing.
class LineLimit {
 public:
  explicit LineLimit(std::uint32_t most_per_second) noexcept : most_per_second_(most_per_second) {}

  /// False: the line is left out.
  [[nodiscard]] bool admits() noexcept {
    const auto now = std::chrono::steady_clock::now();
    if (now - second_begin_ >= std::chrono::seconds(1)) {
      second_begin_ = now;
      in_this_second_ = 0;
    }
    if (++in_this_second_ <= most_per_second_) return true;
    note_left_out();
    return false;
  }
  void note_left_out() noexcept { ++left_out_; }
  /// How many were left out since the last call.
  [[nodiscard]] std::uint64_t take_left_out() noexcept { return std::exchange(left_out_, 0); }

 private:
  const std::uint32_t most_per_second_;
  std::chrono::steady_clock::time_point second_begin_;
  std::uint32_t in_this_second_ = 0;
  std::uint64_t left_out_ = 0;
};

}  // namespace chopin::log
