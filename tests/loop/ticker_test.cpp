#include "loop/ticker.hpp"

#include <chrono>
#include <poll.h>

#include <gtest/gtest.h>

namespace chopin::loop {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

TEST(Ticker, calls_at_intervals_and_leaves_out_those_that_went_by) {
  Readiness readiness;
  int ticks = 0;
  Ticker ticker(readiness, [&] { ++ticks; });
  constexpr auto interval = 2ms;
  const auto before = Clock::now();
  ticker.start(interval);
  while (Clock::now() - before < 10 * interval) poll(nullptr, 0, 1);  // nobody looks
  readiness.run_round();
  EXPECT_EQ(ticks, 1);
  readiness.run_round();
  EXPECT_EQ(ticks, 2);
  EXPECT_GE(Clock::now() - before, 11 * interval);
}

TEST(Ticker, is_silent_before_it_is_started) {
  Readiness readiness;
  const Ticker ticker(readiness, [] { FAIL(); });
  EXPECT_FALSE(readiness.poll_round());
}

}  // namespace
}  // namespace chopin::loop
