#include "load_client/histogram.hpp"

#include <gtest/gtest.h>

namespace load {
namespace {

TEST(LoadHistogram, of_nothing_is_all_zero) {
  const Histogram empty;
  EXPECT_EQ(empty.percentile(0.99), 0);
  EXPECT_EQ(empty.max(), 0);
  EXPECT_EQ(empty.mean(), 0.0);
}

TEST(LoadHistogram, is_exact_below_256_nanoseconds) {
  Histogram histogram;
  for (std::int64_t i = 1; i <= 200; ++i) histogram.add(i);
  EXPECT_EQ(histogram.percentile(0.5), 100);
  EXPECT_EQ(histogram.percentile(0.99), 198);
  EXPECT_EQ(histogram.percentile(1.0), 200);
  EXPECT_EQ(histogram.percentile(0.0), 1);
}

TEST(LoadHistogram, is_never_too_low_and_at_most_one_percent_too_high) {
  for (std::int64_t value = 1; value < std::int64_t{1} << 40; value += value / 50 + 1) {
    Histogram histogram;
    histogram.add(value);
    histogram.add(value * 2);  // so that the maximum does not limit it
    const std::int64_t read = histogram.percentile(0.5);
    ASSERT_GE(read, value);
    ASSERT_LE(static_cast<double>(read), static_cast<double>(value) * 1.01);
  }
}

TEST(LoadHistogram, gives_mean_and_maximum_exactly) {
  Histogram histogram;
  histogram.add(1'000'003);
  histogram.add(3'000'001);
  EXPECT_EQ(histogram.mean(), 2'000'002.0);
  EXPECT_EQ(histogram.max(), 3'000'001);
  EXPECT_EQ(histogram.percentile(0.9999), 3'000'001);
}

TEST(LoadHistogram, finds_one_slow_request_among_ten_thousand) {
  Histogram histogram;
  for (int i = 0; i < 9'999; ++i) histogram.add(1'000);
  histogram.add(500'000'000);
  EXPECT_LT(histogram.percentile(0.9999), 1'010);
  histogram.add(500'000'000);
  EXPECT_EQ(histogram.percentile(0.9999), 500'000'000);
}

TEST(LoadHistogram, takes_what_is_below_zero_or_beyond_its_last_bucket) {
  Histogram histogram;
  histogram.add(-5);
  histogram.add(INT64_MAX);
  EXPECT_EQ(histogram.percentile(0.5), 0);
  EXPECT_EQ(histogram.max(), INT64_MAX);
  EXPECT_EQ(histogram.count(), 2U);
}

}  // namespace
}  // namespace load
