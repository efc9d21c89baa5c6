#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <ctime>

namespace chopin::loop {

/// The CPU time of the rounds of a loop: what all its connections wait for. One round in 64 is measured,
/// because that takes two system calls.
///
/// Thread safety: the loop's thread, but `read` from any.
/// Lifetime: the loop's.
/// Throws: nothing.
class RoundSamples {
 public:
  static constexpr std::uint32_t interval = 64;
  /// A round that takes longer counts as long.
  static constexpr std::chrono::nanoseconds long_round = std::chrono::milliseconds(1);

  struct Counts {
    std::uint64_t rounds = 0;  ///< that were measured
    std::uint64_t long_rounds = 0;
    std::chrono::nanoseconds longest{0};

    Counts& operator+=(const Counts& other) noexcept {
      rounds += other.rounds;
      long_rounds += other.long_rounds;
      longest = std::max(longest, other.longest);
      return *this;
    }
  };

  /// Whether the round that begins is to be measured.
  [[nodiscard]] bool is_due() noexcept {
    if (--until_due_ != 0) [[likely]]
      return false;
    until_due_ = interval;
    return true;
  }
  void add(std::chrono::nanoseconds time) noexcept {
    const Counts counts = read();
    rounds_.store(counts.rounds + 1, std::memory_order_relaxed);
    if (time > long_round) long_rounds_.store(counts.long_rounds + 1, std::memory_order_relaxed);
    if (time > counts.longest) longest_.store(time, std::memory_order_relaxed);
  }
  [[nodiscard]] Counts read() const noexcept {
    return {.rounds = rounds_.load(std::memory_order_relaxed),
            .long_rounds = long_rounds_.load(std::memory_order_relaxed),
            .longest = longest_.load(std::memory_order_relaxed)};
  }

  /// What the calling thread has used.
  [[nodiscard]] static std::chrono::nanoseconds cpu_time() noexcept {
    timespec time{};
    static_cast<void>(clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time));  // this clock is always there
    return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
  }

 private:
  std::uint32_t until_due_ = interval;
  std::atomic<std::uint64_t> rounds_ = 0;
  std::atomic<std::uint64_t> long_rounds_ = 0;
  std::atomic<std::chrono::nanoseconds> longest_{std::chrono::nanoseconds(0)};
};

}  // namespace chopin::loop
