#include "loop/coarse_clock.hpp"

#include <chrono>
#include <poll.h>

#include <gtest/gtest.h>

#include "loop/event_loop.hpp"

namespace chopin::loop {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

struct TickCounter final : TickHandler {
  void on_tick() noexcept override { ++ticks; }
  int ticks = 0;
};

TEST(CoarseClock, ticks_at_intervals_and_skips_missed_ones) {
  EventLoop loop;
  TickCounter counter;
  loop.clock().add(counter);
  constexpr auto interval = 2ms;
  const auto before = Clock::now();
  loop.clock().start(interval);
  while (Clock::now() - before < 10 * interval) poll(nullptr, 0, 1);  // the loop is not polled
  loop.run_round();
  EXPECT_EQ(counter.ticks, 1);
  loop.run_round();
  EXPECT_EQ(counter.ticks, 2);
  EXPECT_GE(Clock::now() - before, 11 * interval);
}

TEST(CoarseClock, stands_still_before_it_is_started) {
  EventLoop loop;
  EXPECT_FALSE(loop.poll_round());
  EXPECT_EQ(loop.clock().now(), 0U);
}

}  // namespace
}  // namespace chopin::loop
