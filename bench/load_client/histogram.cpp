#include "load_client/histogram.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace load {

void Histogram::add(std::int64_t nanoseconds) noexcept {
  const std::int64_t value = std::max<std::int64_t>(nanoseconds, 0);
  ++counts_[index_of(std::min(static_cast<std::uint64_t>(value), largest))];
  ++count_;
  sum_ += static_cast<std::uint64_t>(value);
  max_ = std::max(max_, value);
}

double Histogram::mean() const noexcept {
  return count_ == 0 ? 0.0 : static_cast<double>(sum_) / static_cast<double>(count_);
}

std::int64_t Histogram::percentile(double share) const noexcept {
  if (count_ == 0) return 0;
  const auto rank = static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(count_)));
  const std::uint64_t wanted = std::clamp<std::uint64_t>(rank, 1, count_);
  std::uint64_t seen = 0;
  std::size_t index = 0;
  while ((seen += counts_[index]) < wanted) ++index;
  return std::min(static_cast<std::int64_t>(highest_in(index)), max_);
}

/// Values below 256 have a bucket each. Above, each power of two has 128.
std::size_t Histogram::index_of(std::uint64_t value) noexcept {
  const int shift = std::max(static_cast<int>(std::bit_width(value)) - precision - 1, 0);
  return (static_cast<std::size_t>(shift) << precision) + (value >> shift);
}

std::uint64_t Histogram::highest_in(std::size_t index) noexcept {
  const std::size_t octave = index >> precision;
  if (octave < 2) return index;
  const std::size_t shift = octave - 1;
  const std::uint64_t first = index - (shift << precision);
  return ((first + 1) << shift) - 1;
}

}  // namespace load
