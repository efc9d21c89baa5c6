#include "connection/deadlines.hpp"

#include <chrono>
#include <vector>

#include <gtest/gtest.h>

namespace chopin::connection {
namespace {

using namespace std::chrono_literals;

struct Recorder {
  Deadlines deadlines;
  std::vector<const Waiter*> expired;

  explicit Recorder(const Timeouts& timeouts) : deadlines(timeouts) {}

  void tick() {
    deadlines.advance([this](Waiter& waiter) {
      expired.push_back(&waiter);
      Deadlines::remove(waiter);
    });
  }
};

TEST(Deadlines, allow_at_least_the_timeout_and_at_most_a_tick_more) {
  EXPECT_EQ(ticks_of(1ms), 2U);  // somewhere in the second tick after the one it started in
  EXPECT_EQ(ticks_of(500ms), 2U);
  EXPECT_EQ(ticks_of(501ms), 3U);
  EXPECT_EQ(ticks_of(10s), 21U);
}

TEST(Deadlines, expire_a_wait_once_its_ticks_are_over) {
  Timeouts timeouts;
  timeouts.header = 1s;
  Recorder recorder(timeouts);
  Waiter waiter;
  recorder.deadlines.wait(waiter, Wait::head);
  recorder.tick();
  recorder.tick();
  EXPECT_TRUE(recorder.expired.empty());
  recorder.tick();
  EXPECT_EQ(recorder.expired, std::vector<const Waiter*>{&waiter});
  recorder.tick();
  EXPECT_EQ(recorder.expired.size(), 1U);
}

TEST(Deadlines, start_again_when_the_wait_does) {
  Timeouts timeouts;
  timeouts.body = 1s;
  Recorder recorder(timeouts);
  Waiter busy;
  Waiter stuck;
  recorder.deadlines.wait(busy, Wait::body);
  recorder.deadlines.wait(stuck, Wait::body);
  for (int i = 0; i < 3; ++i) {
    recorder.tick();
    recorder.deadlines.wait(busy, Wait::body);
  }
  EXPECT_EQ(recorder.expired, std::vector<const Waiter*>{&stuck});
}

TEST(Deadlines, visit_every_waiter_and_survive_its_removal) {
  Recorder recorder{Timeouts{}};
  Waiter waiters[3];
  recorder.deadlines.wait(waiters[0], Wait::head);
  recorder.deadlines.wait(waiters[1], Wait::head);
  recorder.deadlines.wait(waiters[2], Wait::write);
  int visits = 0;
  const auto visit = [&](Waiter& waiter) {
    ++visits;
    Deadlines::remove(waiter);
  };
  recorder.deadlines.for_each(visit);
  recorder.deadlines.for_each(visit);
  EXPECT_EQ(visits, 3);
}

}  // namespace
}  // namespace chopin::connection
