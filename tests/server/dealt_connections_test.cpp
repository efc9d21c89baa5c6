#include "server/dealt_connections.hpp"

#include <thread>

#include <gtest/gtest.h>

namespace chopin::server {
namespace {

TEST(DealtConnections, tell_the_worker_once_until_it_takes_them) {
  DealtConnections dealt;
  EXPECT_TRUE(dealt.add({}));
  EXPECT_FALSE(dealt.add({}));
  EXPECT_EQ(dealt.take().size(), 2U);
  EXPECT_TRUE(dealt.add({}));
}

TEST(DealtConnections, are_open_until_they_end_or_are_taken_back) {
  DealtConnections dealt;
  for (int i = 0; i < 3; ++i) EXPECT_EQ(dealt.add({}), i == 0);
  EXPECT_EQ(dealt.take().size(), 3U);
  EXPECT_EQ(dealt.open(), 3U);
  dealt.count_end();
  EXPECT_EQ(dealt.open(), 2U);
  EXPECT_TRUE(dealt.add({}));
  EXPECT_FALSE(dealt.is_empty());
  EXPECT_EQ(dealt.take_back().size(), 1U);
  EXPECT_TRUE(dealt.is_empty());
  EXPECT_EQ(dealt.open(), 2U);
}

TEST(DealtConnections, are_not_taken_promptly_by_a_worker_that_leaves_one_waiting) {
  DealtConnections dealt;
  EXPECT_TRUE(dealt.are_taken_promptly());
  EXPECT_TRUE(dealt.add({}));
  const auto added_by = DealtConnections::Clock::now();
  std::this_thread::sleep_until(added_by + DealtConnections::patience);
  EXPECT_FALSE(dealt.are_taken_promptly());
  EXPECT_EQ(dealt.take_back().size(), 1U);
  EXPECT_FALSE(dealt.are_taken_promptly()) << "the worker still has not come to take them";
  EXPECT_TRUE(dealt.take().empty());
  EXPECT_TRUE(dealt.are_taken_promptly());
}

}  // namespace
}  // namespace chopin::server
