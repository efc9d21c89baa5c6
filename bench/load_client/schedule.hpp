#pragma once

#include <chrono>
#include <cstdint>

namespace load {

/// Nanoseconds of CLOCK_MONOTONIC.
using Time = std::int64_t;

constexpr Time second = 1'000'000'000;
constexpr Time never = INT64_MAX;

inline Time now() noexcept {
  return std::chrono::steady_clock::now().time_since_epoch() / std::chrono::nanoseconds(1);
}

/// When requests are due: at a fixed rate, whatever the responses do.
class Schedule {
 public:
  Schedule() = default;
  /// `rate`: requests a second, at least 1 and at most 10 million, for fewer than 100,000 seconds.
  Schedule(Time start, std::uint64_t rate, std::uint64_t seconds)
      : start_(start), rate_(rate), total_(rate * seconds) {}

  [[nodiscard]] std::uint64_t total() const noexcept { return total_; }
  /// Of request `number`, from 0. `never` after the last.
  [[nodiscard]] Time due(std::uint64_t number) const noexcept {
    if (number >= total_) return never;
    const std::uint64_t part = number % rate_ * second / rate_;
    return start_ + static_cast<Time>(number / rate_ * second + part);
  }

 private:
  Time start_ = 0;
  std::uint64_t rate_ = 1;
  std::uint64_t total_ = 0;
};

}  // namespace load
