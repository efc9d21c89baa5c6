#include "loop/timers.hpp"

#include <chrono>
#include <deque>
#include <random>
#include <string>

#include <gtest/gtest.h>

#include "loop/event_loop.hpp"

namespace chopin::loop {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

struct Named final : Timer {
  Named(std::string& record, char own_name) : calls(record), name(own_name) {}
  void on_timer() noexcept override {
    called_at = Clock::now();
    calls += name;
  }
  std::string& calls;
  char name;
  Clock::time_point called_at;
};

struct TimersOfALoop : testing::Test {
  EventLoop loop;
  Timers& timers = loop.timers();
  std::string calls;
  Named a{calls, 'a'};
  Named b{calls, 'b'};
  Named c{calls, 'c'};

  void run_until(std::size_t count) {
    while (calls.size() < count) loop.run_round();
  }
};

TEST_F(TimersOfALoop, are_called_in_the_order_of_their_times_and_never_early) {
  const auto now = Clock::now();
  timers.start(a, now + 9ms);
  timers.start(b, now + 3ms);
  timers.start(c, now + 6ms);
  run_until(3);
  EXPECT_EQ(calls, "bca");
  EXPECT_GE(b.called_at, now + 3ms);
  EXPECT_GE(a.called_at, now + 9ms);
}

TEST_F(TimersOfALoop, wake_an_otherwise_idle_loop_even_if_their_time_is_past) {
  timers.start(a, Clock::now() - 1s);
  run_until(1);
  timers.start(a, Timer::TimePoint::min());
  run_until(2);
  EXPECT_EQ(calls, "aa");
}

TEST_F(TimersOfALoop, are_not_called_once_stopped_or_destroyed) {
  const auto now = Clock::now();
  timers.start(a, now + 2ms);
  {
    Named gone{calls, 'x'};
    timers.start(gone, now + 1ms);
  }
  a.stop();
  EXPECT_FALSE(a.is_waiting());
  timers.start(b, now + 4ms);
  run_until(1);
  EXPECT_EQ(calls, "b");
}

TEST_F(TimersOfALoop, start_again_with_another_time) {
  const auto now = Clock::now();
  timers.start(a, now + 1h);
  timers.start(b, now + 4ms);
  timers.start(a, now + 2ms);
  run_until(2);
  EXPECT_EQ(calls, "ab");
}

TEST_F(TimersOfALoop, that_restart_themselves_do_not_starve_the_loop) {
  struct Endless final : Timer {
    explicit Endless(Timers& own) : timers(own) {}
    void on_timer() noexcept override {
      ++count;
      timers.start(*this, Clock::now() - 1h);  // even if its time is long past
    }
    Timers& timers;
    int count = 0;
  };
  Endless endless(timers);
  timers.start(endless, Clock::now());
  for (int i = 0; i < 3; ++i) loop.run_round();
  EXPECT_EQ(endless.count, 3);
}

TEST_F(TimersOfALoop, by_the_thousand_are_called_in_order) {
  std::mt19937 random(1);  // NOLINT(cert-msc51-cpp,cert-msc32-c): the same each time
  std::deque<Named> many;
  const auto now = Clock::now();
  for (int i = 0; i < 1000; ++i) {
    timers.start(many.emplace_back(calls, 'x'), now + std::chrono::microseconds(random() % 20'000));
  }
  run_until(1000);
  for (const Named& timer : many) EXPECT_GE(timer.called_at, now);
  EXPECT_FALSE(loop.poll_round()) << "nothing is left";
}

}  // namespace
}  // namespace chopin::loop
