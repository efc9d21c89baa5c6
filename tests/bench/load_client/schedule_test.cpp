#include "load_client/schedule.hpp"

#include <gtest/gtest.h>

namespace load {
namespace {

TEST(LoadSchedule, is_even_and_does_not_drift) {
  const Schedule schedule(1000, 3, 86'400);
  EXPECT_EQ(schedule.due(0), 1000);
  EXPECT_EQ(schedule.due(1), 1000 + second / 3);
  EXPECT_EQ(schedule.due(3), 1000 + second);
  EXPECT_EQ(schedule.due(3 * 86'399), 1000 + 86'399 * second);
}

TEST(LoadSchedule, has_as_many_requests_as_fit_in_its_time) {
  const Schedule schedule(0, 10'000'000, 86'400);
  EXPECT_EQ(schedule.total(), 864'000'000'000U);
  EXPECT_EQ(schedule.due(schedule.total() - 1), 86'400 * second - 100);
  EXPECT_EQ(schedule.due(schedule.total()), never);
}

TEST(LoadSchedule, of_nothing_has_no_requests) {
  EXPECT_EQ(Schedule().due(0), never);
}

}  // namespace
}  // namespace load
