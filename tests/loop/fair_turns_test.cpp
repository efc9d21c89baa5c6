#include "loop/fair_turns.hpp"

#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <sys/eventfd.h>

#include <gtest/gtest.h>

#include "loop/event_loop.hpp"
#include "system/descriptor.hpp"

namespace chopin::loop {
namespace {

using Cost = FairTurns::Cost;

constexpr FairTurns::Ticks no_end = std::numeric_limits<FairTurns::Ticks>::max();
constexpr FairTurns::Limits no_time{.turn = 1, .round = 0, .watch = no_end};
constexpr FairTurns::Limits no_turn{.turn = 1, .round = no_end, .watch = no_end};
constexpr FairTurns::Limits all_the_time{.turn = no_end, .round = no_end, .watch = no_end};

/// Records its runs, and does so many of them after the others.
class Costly final : public Task {
 public:
  Costly(EventLoop& loop, std::string& record, char name) : loop_(loop), record_(record), name_(name) {}

  void run() noexcept override {
    record_ += name_;
    if (more-- > 0) loop_.run_after_others(*this);
  }
  void discard() noexcept override { record_ += "discarded"; }

  int more = 0;

 private:
  EventLoop& loop_;
  std::string& record_;
  char name_;
};

/// Always ready. Records its events, and what it is told of its turns.
class Busy final : public EventHandler {
 public:
  Busy(EventLoop& loop, std::string& record) : record_(record) {
    loop.require_watch(event_.get(), *this);
    become_ready();
  }

  bool waits = false;

 private:
  void become_ready() const { eventfd_write(event_.get(), 1); }
  void on_events(Events /*events*/) noexcept override {
    record_ += '.';
    become_ready();
  }
  bool puts_off(Events /*events*/, bool round_is_long) noexcept override {
    record_ += round_is_long ? "long?" : "short?";
    if (waits) become_ready();
    return waits;
  }
  void on_turn_end(std::uint64_t shares) noexcept override { record_ += shares > 0 ? '!' : '-'; }

  std::string& record_;
  system::Descriptor event_{eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)};
};

struct FairLoop : testing::Test {
  EventLoop loop;
  FairTurns& turns = loop.turns();
  std::string record;
  Costly a{loop, record, 'a'};
  Costly b{loop, record, 'b'};

  void run_rounds(int count) {
    for (int i = 0; i < count; ++i) loop.run_round();
  }
  void watch_with(FairTurns::Limits limits) {
    turns.set_limits(no_time);
    turns.begin();
    turns.look();
    EXPECT_TRUE(turns.is_watching());
    turns.set_limits(limits);
  }
};

// ---- What waits for the end of a round. ----

TEST_F(FairLoop, runs_one_costly_task_at_the_end_of_each_round_when_there_is_no_time) {
  turns.set_limits(no_time);
  a.more = 1;
  loop.run_after_others(a);
  loop.run_after_others(b);
  for (const char* const expected : {"a", "ab", "aba"}) {
    run_rounds(1);
    EXPECT_EQ(record, expected);
  }
}

TEST_F(FairLoop, runs_costly_tasks_in_one_round_while_there_is_time) {
  turns.set_limits(all_the_time);
  const Busy busy(loop, record);
  a.more = 2;
  loop.run_after_others(a);
  loop.run_after_others(b);
  run_rounds(2);
  EXPECT_EQ(record, ".abaa.");
}

TEST_F(FairLoop, does_not_wait_for_events_while_a_costly_task_waits) {
  turns.set_limits(no_time);
  a.more = 3;
  loop.run_after_others(a);
  run_rounds(4);
  EXPECT_EQ(record, "aaaa");
  while (loop.poll_round()) {
  }
  EXPECT_EQ(record, "aaaa");
}

TEST_F(FairLoop, runs_a_costly_task_once_however_often_it_is_added) {
  loop.run_after_others(a);
  loop.run_after_others(a);
  loop.poll_round();
  EXPECT_EQ(record, "a");
}

TEST_F(FairLoop, discards_costly_tasks_at_its_end) {
  loop.run_after_others(a);
  loop.close();
  EXPECT_EQ(record, "discarded");
}

TEST_F(FairLoop, runs_those_of_unknown_cost_and_the_costly_in_turn_when_there_is_no_time) {
  turns.set_limits(no_time);
  Costly c(loop, record, 'c');
  loop.run_after_others(a);
  loop.run_after_others(b, Cost::unknown);
  loop.run_after_others(c, Cost::unknown);
  for (const char* const expected : {"b", "ba", "bac"}) {
    run_rounds(1);
    EXPECT_EQ(record, expected);
  }
}

TEST_F(FairLoop, runs_those_of_unknown_cost_before_the_costly_while_there_is_time) {
  turns.set_limits(all_the_time);
  loop.run_after_others(a);
  loop.run_after_others(b, Cost::unknown);
  run_rounds(1);
  EXPECT_EQ(record, "ba");
}

TEST_F(FairLoop, lets_events_come_between_tasks_that_take_long) {
  watch_with(no_time);
  Busy busy(loop, record);
  loop.run_next_round(a);
  loop.run_next_round(b);
  run_rounds(2);
  EXPECT_EQ(record, "along?.!blong?.!");
}

TEST_F(FairLoop, serves_all_that_is_ready_before_costly_tasks_but_these_in_the_end) {
  constexpr int more_than_a_batch = 100;
  std::string ignored;
  std::vector<std::unique_ptr<Busy>> busy;
  for (int i = 0; i < more_than_a_batch; ++i) busy.push_back(std::make_unique<Busy>(loop, ignored));
  loop.run_after_others(a);
  run_rounds(10);
  EXPECT_EQ(record, "");
  run_rounds(10);
  EXPECT_EQ(record, "a");
}

// ---- When turns are measured, and whose was long. ----

TEST_F(FairLoop, measures_no_turns_while_rounds_are_short) {
  turns.set_limits(all_the_time);
  const Busy busy(loop, record);
  const Busy other(loop, record);
  run_rounds(2);
  EXPECT_EQ(record, "....");
  EXPECT_FALSE(turns.is_watching());
}

TEST_F(FairLoop, measures_turns_after_a_long_round) {
  turns.set_limits(no_time);
  const Busy busy(loop, record);
  const Busy other(loop, record);
  run_rounds(1);
  EXPECT_EQ(record, "..");
  EXPECT_TRUE(turns.is_watching());
  run_rounds(1);
  EXPECT_EQ(record, "..long?.!long?.!");
}

TEST_F(FairLoop, does_so_for_as_long_as_it_should_after_the_last_long_turn) {
  watch_with({.turn = no_end, .round = no_end, .watch = 0});
  const Busy busy(loop, record);
  run_rounds(2);
  EXPECT_FALSE(turns.is_watching());
}

TEST_F(FairLoop, does_so_no_longer_when_nobody_waits_for_anybody) {
  watch_with(no_turn);
  const Busy busy(loop, record);
  run_rounds(100);
  EXPECT_FALSE(turns.is_watching());
}

TEST_F(FairLoop, tells_a_handler_that_its_turn_was_short) {
  watch_with(all_the_time);
  const Busy busy(loop, record);
  run_rounds(1);
  EXPECT_EQ(record, "short?.-");
}

TEST_F(FairLoop, gives_no_turn_to_a_handler_that_waits) {
  watch_with(no_turn);
  Busy busy(loop, record);
  busy.waits = true;
  run_rounds(2);
  EXPECT_EQ(record, "short?short?");
}

TEST_F(FairLoop, a_turn_is_over_when_its_time_is_used_up) {
  watch_with(all_the_time);
  const Busy busy(loop, record);
  turns.begin();
  EXPECT_FALSE(turns.is_turn_over());
  turns.set_limits(no_turn);
  EXPECT_TRUE(turns.is_turn_over());
}

TEST_F(FairLoop, says_nothing_to_a_handler_that_was_deleted_in_its_turn) {
  struct Mortal final : EventHandler {
    Mortal(EventLoop& own_loop, std::string& own_record) : loop(own_loop), record(own_record) {
      loop.require_watch(event.get(), *this);
      eventfd_write(event.get(), 1);
    }
    void on_events(Events /*events*/) noexcept override {
      record += "gone";
      loop.forget(*this);
      delete this;
    }
    void on_turn_end(std::uint64_t /*shares*/) noexcept override { record += "told"; }
    EventLoop& loop;
    std::string& record;
    system::Descriptor event{eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)};
  };
  watch_with(no_turn);
  new Mortal(loop, record);  // deletes itself
  run_rounds(1);
  EXPECT_EQ(record, "gone");
}

}  // namespace
}  // namespace chopin::loop
