#include "loop/event_loop.hpp"

#include <string>
#include <sys/eventfd.h>
#include <thread>

#include <gtest/gtest.h>

namespace chopin::loop {
namespace {

/// Watches an eventfd and records its events in a common log.
class Recording final : public EventHandler, public Task {
 public:
  Recording(EventLoop& loop, std::string& record, char name) : loop_(loop), record_(record), name_(name) {
    loop.require_watch(event_.get(), *this);
  }

  void become_ready() const { eventfd_write(event_.get(), 1); }

  EventHandler* forgets = nullptr;  // when it is called
  int wants_turns = 0;
  bool wants_round_end = false;

 private:
  void on_events(Events /*events*/) noexcept override {
    record_ += name_;
    if (forgets != nullptr) loop_.forget(*forgets);
    if (wants_round_end) return loop_.run_at_round_end(*this);
    if (wants_turns-- > 0) loop_.run_next_round(*this);
  }
  void run() noexcept override {
    record_ += std::string("turn of ") + name_;
    if (wants_turns-- > 0) loop_.run_next_round(*this);
  }

  EventLoop& loop_;
  std::string& record_;
  char name_;
  system::Descriptor event_{eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)};
};

struct LoopOfTwo : testing::Test {
  EventLoop loop;
  std::string record;
  Recording a{loop, record, 'a'};
  Recording b{loop, record, 'b'};
};

TEST_F(LoopOfTwo, reports_an_event_once) {
  EXPECT_FALSE(loop.poll_round());
  a.become_ready();
  EXPECT_TRUE(loop.poll_round());
  EXPECT_FALSE(loop.poll_round());
  b.become_ready();
  a.become_ready();
  loop.run_round();
  EXPECT_EQ(record, "aba");
}

TEST_F(LoopOfTwo, forgets_a_handler_that_is_ready_in_the_same_round) {
  a.forgets = &b;
  a.become_ready();
  b.become_ready();
  EXPECT_TRUE(loop.poll_round());
  EXPECT_EQ(record, "a");
}

TEST_F(LoopOfTwo, runs_a_task_in_the_next_round_without_waiting_for_events) {
  a.wants_turns = 2;
  a.become_ready();
  b.become_ready();
  loop.run_round();
  EXPECT_EQ(record, "ab");
  EXPECT_TRUE(loop.has_tasks());
  loop.run_round();
  b.become_ready();
  loop.run_round();
  EXPECT_EQ(record, "abturn of aturn of ab");
  EXPECT_FALSE(loop.has_tasks());
}

TEST_F(LoopOfTwo, runs_a_task_once_however_often_it_is_scheduled) {
  loop.run_next_round(a);
  loop.run_next_round(a);
  loop.run_round();
  EXPECT_EQ(record, "turn of a");
}

TEST_F(LoopOfTwo, runs_end_of_round_tasks_after_all_ready_handlers) {
  a.wants_round_end = true;
  a.become_ready();
  b.become_ready();
  loop.run_round();
  EXPECT_EQ(record, "abturn of a");
}

TEST_F(LoopOfTwo, forgets_a_task_that_is_destroyed_before_its_turn) {
  {
    Recording c{loop, record, 'c'};
    loop.run_next_round(c);
  }
  loop.poll_round();
  EXPECT_EQ(record, "");
}

TEST_F(LoopOfTwo, runs_the_task_after_application_code_at_the_end_of_each_round_with_such_code) {
  loop.follow_application_code(b);
  loop.poll_round();
  EXPECT_EQ(record, "");
  loop.run_next_round(a);
  loop.poll_round();
  EXPECT_EQ(record, "turn of aturn of b");
}

TEST_F(LoopOfTwo, runs_it_after_all_others_even_if_it_waits_for_a_turn_before_them) {
  loop.follow_application_code(b);
  loop.run_next_round(b);
  loop.run_next_round(a);
  loop.poll_round();
  EXPECT_EQ(record, "turn of bturn of aturn of b");
}

TEST_F(LoopOfTwo, does_not_wait_for_events_when_that_task_has_something_for_the_end_of_the_round) {
  struct Follower final : Task {
    void run() noexcept override { loop.run_at_round_end(next); }
    Follower(EventLoop& own_loop, Task& task) : loop(own_loop), next(task) {}
    EventLoop& loop;
    Task& next;
  } follower(loop, b);
  loop.follow_application_code(follower);
  loop.run_next_round(a);
  loop.run_round();
  EXPECT_TRUE(loop.has_tasks());
  loop.run_round();
  EXPECT_EQ(record, "turn of aturn of b");
}

TEST(EventLoop, measures_the_cpu_time_of_one_round_in_64) {
  struct Busy final : Task {
    void run() noexcept override {
      const auto begin = RoundSamples::cpu_time();
      while (RoundSamples::cpu_time() - begin < time) {
      }
    }
    void discard() noexcept override {}
    std::chrono::nanoseconds time = 2 * RoundSamples::long_round;
  };
  EventLoop loop;
  Busy busy;
  for (std::uint32_t i = 0; i < RoundSamples::interval; ++i) {
    loop.run_next_round(busy);
    loop.run_round();
  }
  RoundSamples::Counts counts = loop.round_samples();
  EXPECT_EQ(counts.rounds, 1U);
  EXPECT_EQ(counts.long_rounds, 1U);
  EXPECT_GE(counts.longest, busy.time);
  busy.time = {};
  for (std::uint32_t i = 0; i < 9 * RoundSamples::interval; ++i) {
    loop.run_next_round(busy);
    loop.run_round();
  }
  EXPECT_EQ(loop.round_samples().rounds, 10U);
  counts += loop.round_samples();
  EXPECT_EQ(counts.rounds, 11U);
}

TEST(EventLoop, discards_the_tasks_that_are_left_at_its_end) {
  struct Counted final : Task {
    explicit Counted(int& count) : discarded(count) {}
    void run() noexcept override { FAIL(); }
    void discard() noexcept override { ++discarded; }
    int& discarded;
  };
  int discarded = 0;
  Counted own(discarded);
  Counted others(discarded);
  {
    EventLoop loop;
    loop.run_next_round(own);
    std::thread([&] { loop.tasks()->post(others); }).join();
  }
  EXPECT_EQ(discarded, 2);
}

}  // namespace
}  // namespace chopin::loop
