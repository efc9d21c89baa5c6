#include "server/ticker.hpp"

#include <chrono>
#include <poll.h>

#include <gtest/gtest.h>

namespace chopin::server {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

TEST(Ticker, calls_once_for_each_interval_and_makes_up_for_those_that_went_by) {
  Readiness readiness;
  int ticks = 0;
  Ticker ticker(readiness, [&] { ++ticks; });
  constexpr auto interval = 2ms;
  const auto before = Clock::now();
  ticker.start(interval);
  while (Clock::now() - before < 10 * interval) poll(nullptr, 0, 1);  // nobody looks
  const auto least = (Clock::now() - before) / interval - 1;
  readiness.run_round();
  EXPECT_GE(ticks, least);
  EXPECT_LE(ticks, (Clock::now() - before) / interval);
  const int made_up_for = ticks;
  readiness.run_round();
  EXPECT_GT(ticks, made_up_for);
}

TEST(Ticker, is_silent_before_it_is_started) {
  Readiness readiness;
  const Ticker ticker(readiness, [] { FAIL(); });
  EXPECT_FALSE(readiness.poll_round());
}

}  // namespace
}  // namespace chopin::server
