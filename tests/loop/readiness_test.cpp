#include "loop/readiness.hpp"

#include <stdexcept>
#include <string>
#include <sys/eventfd.h>

#include <gtest/gtest.h>

namespace chopin::loop {
namespace {

/// Watches an eventfd and writes down in a common record what it is told.
class Recording final : public ReadinessTarget {
 public:
  Recording(Readiness& readiness, std::string& record, char name)
      : readiness_(readiness), record_(record), name_(name) {
    readiness.make_room(2);
    readiness.require_watch(event_.get(), *this);
  }

  void become_ready() const { eventfd_write(event_.get(), 1); }

  ReadinessTarget* forgets = nullptr;  // when it is told
  bool throws = false;
  int wants_turns = 0;

 private:
  void on_ready(Events /*events*/) override {
    record_ += name_;
    if (throws) throw std::runtime_error("no memory, say");
    if (forgets != nullptr) readiness_.forget(*forgets);
    if (wants_turns-- > 0) readiness_.take_turn(*this);
  }
  void on_turn() override {
    record_ += std::string("turn of ") + name_;
    if (wants_turns-- > 0) readiness_.take_turn(*this);
  }
  void on_failure() noexcept override { record_ += '!'; }

  Readiness& readiness_;
  std::string& record_;
  char name_;
  system::Descriptor event_{eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)};
};

struct ReadinessOfTwo : testing::Test {
  Readiness readiness;
  std::string record;
  Recording a{readiness, record, 'a'};
  Recording b{readiness, record, 'b'};
};

TEST_F(ReadinessOfTwo, tells_once_of_what_has_come) {
  EXPECT_FALSE(readiness.poll_round());
  a.become_ready();
  EXPECT_TRUE(readiness.poll_round());
  EXPECT_FALSE(readiness.poll_round());
  b.become_ready();
  a.become_ready();
  readiness.run_round();
  EXPECT_EQ(record, "aba");
}

TEST_F(ReadinessOfTwo, forgets_one_that_is_ready_in_the_same_round) {
  a.forgets = &b;
  a.become_ready();
  b.become_ready();
  EXPECT_TRUE(readiness.poll_round());
  EXPECT_EQ(record, "a");
}

TEST_F(ReadinessOfTwo, gives_a_turn_in_the_next_round_without_waiting_for_anything_else) {
  a.wants_turns = 2;
  a.become_ready();
  b.become_ready();
  readiness.run_round();
  EXPECT_EQ(record, "ab");
  EXPECT_TRUE(readiness.has_turns());
  readiness.run_round();
  b.become_ready();
  readiness.run_round();
  EXPECT_EQ(record, "abturn of aturn of ab");
  EXPECT_FALSE(readiness.has_turns());
}

TEST_F(ReadinessOfTwo, forgets_one_that_waits_for_its_turn) {
  a.wants_turns = 1;
  a.become_ready();
  readiness.run_round();
  readiness.forget(a);
  readiness.run_round();
  EXPECT_EQ(record, "a");
}

TEST_F(ReadinessOfTwo, tells_the_others_when_one_throws) {
  a.throws = true;
  a.become_ready();
  b.become_ready();
  readiness.run_round();
  EXPECT_EQ(record, "a!b");
}

}  // namespace
}  // namespace chopin::loop
