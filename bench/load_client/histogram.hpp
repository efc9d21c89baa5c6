#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace load {

/// Durations in nanoseconds, counted in buckets that are at most 1/128 as wide as their values are large. So
/// a percentile is at most 0.8 % too high and never too low; mean and maximum are exact. 35 KiB, however
/// many.
class Histogram {
 public:
  Histogram() : counts_(index_of(largest) + 1) {}

  /// Less than zero counts as zero, more than 36 minutes as that.
  void add(std::int64_t nanoseconds) noexcept;

  [[nodiscard]] std::uint64_t count() const noexcept { return count_; }
  [[nodiscard]] std::int64_t max() const noexcept { return max_; }
  [[nodiscard]] double mean() const noexcept;
  /// The least duration that at least this share of all, from 0 to 1, do not exceed. 0 if there are none.
  [[nodiscard]] std::int64_t percentile(double share) const noexcept;

 private:
  static constexpr int precision = 7;  // bits after the first
  static constexpr std::uint64_t largest = (std::uint64_t{1} << 41) - 1;

  static std::size_t index_of(std::uint64_t value) noexcept;
  static std::uint64_t highest_in(std::size_t index) noexcept;

  std::vector<std::uint64_t> counts_;
  std::uint64_t count_ = 0;
  std::uint64_t sum_ = 0;  // 584 years
  std::int64_t max_ = 0;
};

}  // namespace load
