#include "loop/deadlines.hpp"

#include <chrono>
#include <cstddef>
#include <deque>
#include <vector>

#include <gtest/gtest.h>

#include "loop/event_loop.hpp"

namespace chopin::loop {
namespace {

using namespace std::chrono_literals;

struct Recorded final : Deadline {
  explicit Recorded(std::vector<const Deadline*>& record) : expired(record) {}
  void on_deadline() noexcept override {
    expired.push_back(this);
    stop();
  }
  std::vector<const Deadline*>& expired;
};

struct DeadlinesOfOneSecond : testing::Test {
  EventLoop loop;
  DeadlineQueue queue{loop.clock(), 1s};
  std::vector<const Deadline*> expired;
  Recorded a{expired};
  Recorded b{expired};

  void tick() { loop.clock().advance(); }
};

TEST(DeadlineTicks, allow_at_least_the_timeout_and_at_most_a_tick_more) {
  EXPECT_EQ(ticks_of(1ms), 2U);  // within the second tick after the one in which it started
  EXPECT_EQ(ticks_of(500ms), 2U);
  EXPECT_EQ(ticks_of(501ms), 3U);
  EXPECT_EQ(ticks_of(10s), 21U);
}

TEST_F(DeadlinesOfOneSecond, expire_once_their_ticks_are_over) {
  queue.start(a);
  tick();
  tick();
  EXPECT_TRUE(expired.empty());
  tick();
  EXPECT_EQ(expired, std::vector<const Deadline*>{&a});
  tick();
  EXPECT_EQ(expired.size(), 1U);
}

TEST_F(DeadlinesOfOneSecond, start_again_at_the_end_of_the_queue) {
  queue.start(a);
  queue.start(b);
  for (int i = 0; i < 3; ++i) {
    tick();
    queue.start(a);
  }
  EXPECT_EQ(expired, std::vector<const Deadline*>{&b});
}

TEST_F(DeadlinesOfOneSecond, that_expire_together_leave_the_loop_rounds_for_other_work) {
  DeadlineQueue longer{loop.clock(), 2s};
  std::deque<Recorded> many;
  for (std::size_t i = 0; i < most_expiries_in_a_round; ++i) {
    queue.start(many.emplace_back(expired));
    longer.start(many.emplace_back(expired));
  }
  longer.start(many.emplace_back(expired));
  for (int i = 0; i < 4; ++i) tick();
  EXPECT_EQ(expired.size(), most_expiries_in_a_round);
  tick();  // before the rest of the last one is done
  EXPECT_EQ(expired.size(), 2 * most_expiries_in_a_round);
  EXPECT_TRUE(loop.poll_round());
  EXPECT_EQ(expired.size(), many.size());
  EXPECT_FALSE(loop.poll_round());
}

TEST_F(DeadlinesOfOneSecond, do_not_expire_once_stopped_or_destroyed) {
  queue.start(a);
  a.stop();
  {
    Recorded gone{expired};
    queue.start(gone);
  }
  for (int i = 0; i < 4; ++i) tick();
  EXPECT_TRUE(expired.empty());
}

TEST_F(DeadlinesOfOneSecond, may_move_to_another_queue) {
  DeadlineQueue longer{loop.clock(), 2s};
  queue.start(a);
  longer.start(a);
  for (int i = 0; i < 4; ++i) tick();
  EXPECT_TRUE(expired.empty());
  tick();
  EXPECT_EQ(expired.size(), 1U);
}

struct ExactDeadlines : testing::Test {
  EventLoop loop;
  ExactDeadlineQueue queue{loop.timers(), 5ms};
  std::vector<const Deadline*> expired;
  Recorded a{expired};
  Recorded b{expired};

  void run_until(std::size_t count) {
    while (expired.size() < count) loop.run_round();
  }
};

TEST_F(ExactDeadlines, expire_in_the_order_of_their_start_and_never_early) {
  const auto start = std::chrono::steady_clock::now();
  queue.start(a);
  queue.start(b);
  queue.start(a);
  run_until(2);
  EXPECT_EQ(expired, (std::vector<const Deadline*>{&b, &a}));
  EXPECT_GE(std::chrono::steady_clock::now() - start, 5ms);
}

TEST_F(ExactDeadlines, that_are_started_later_expire_later) {
  queue.start(a);
  run_until(1);
  const auto start = std::chrono::steady_clock::now();
  queue.start(b);
  run_until(2);
  EXPECT_GE(std::chrono::steady_clock::now() - start, 5ms);
}

TEST_F(ExactDeadlines, do_not_expire_once_stopped_destroyed_or_in_another_queue) {
  DeadlineQueue other{loop.clock(), 1h};
  Recorded moved{expired};
  queue.start(moved);
  other.start(moved);
  queue.start(a);
  a.stop();
  {
    Recorded gone{expired};
    queue.start(gone);
  }
  queue.start(b);
  run_until(1);
  EXPECT_EQ(expired, std::vector<const Deadline*>{&b});
}

TEST_F(ExactDeadlines, that_expire_together_leave_the_loop_rounds_for_other_work) {
  std::deque<Recorded> many;
  for (std::size_t i = 0; i < 2 * most_expiries_in_a_round + 1; ++i) queue.start(many.emplace_back(expired));
  std::size_t rounds = 0;
  for (std::size_t before = 0; expired.size() < many.size(); before = expired.size()) {
    loop.run_round();
    EXPECT_LE(expired.size() - before, most_expiries_in_a_round);
    if (expired.size() > before) ++rounds;
  }
  EXPECT_EQ(rounds, 3U);
}

}  // namespace
}  // namespace chopin::loop
