#include "connection/pace.hpp"

#include <cstdint>

#include <gtest/gtest.h>

namespace chopin::connection {
namespace {

constexpr Limits at_least_240{.min_rate = 240};
constexpr std::uint32_t in_a_second = 2;  // ticks

TEST(Pace, counts_after_the_grace_of_5_s) {
  Pace pace(at_least_240);
  pace.note(0, 5 * in_a_second);
  EXPECT_FALSE(pace.is_too_slow());
  pace.note(0, 1);
  EXPECT_TRUE(pace.is_too_slow());
}

TEST(Pace, accepts_exactly_the_minimum_rate_for_ever_and_not_a_byte_less) {
  Pace exact(at_least_240);
  Pace less(at_least_240);
  for (int second = 0; second < 24 * 3600; ++second) {
    exact.note(240, in_a_second);
    less.note(239, in_a_second);
    ASSERT_FALSE(exact.is_too_slow()) << second;
  }
  EXPECT_TRUE(less.is_too_slow());
}

TEST(Pace, keeps_credit_for_60_s_however_much_has_come) {
  Pace pace(at_least_240);
  pace.note(std::uint64_t{1} << 30, 1);
  pace.note(0, 60 * in_a_second);
  EXPECT_FALSE(pace.is_too_slow());
  pace.note(0, 1);
  EXPECT_TRUE(pace.is_too_slow());
}

TEST(Pace, recovers_by_bytes) {
  Pace pace(at_least_240);
  pace.note(0, 6 * in_a_second);
  ASSERT_TRUE(pace.is_too_slow());
  pace.note(240, 0);
  EXPECT_FALSE(pace.is_too_slow());
}

TEST(Pace, has_no_minimum_if_the_rate_is_0) {
  Pace pace(Limits{.min_rate = 0});
  pace.note(0, UINT32_MAX);
  EXPECT_FALSE(pace.is_too_slow());
}

TEST(Pace, has_room_for_the_greatest_rate_and_the_longest_wait) {
  Pace pace(Limits{.min_rate = static_cast<std::uint32_t>(ranges::min_rate.most)});
  for (int i = 0; i < 3; ++i) pace.note(0, UINT32_MAX);
  EXPECT_TRUE(pace.is_too_slow());
  pace.note(std::uint64_t{1} << 40, 0);
  EXPECT_FALSE(pace.is_too_slow());
}

}  // namespace
}  // namespace chopin::connection
