#include "loop/task_queue.hpp"

#include <stdexcept>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include "loop/event_loop.hpp"

namespace chopin::loop {
namespace {

struct Posting : testing::Test {
  EventLoop loop;
  TaskQueue& queue = *loop.tasks();
  std::string calls;

  bool post(char name) {
    return queue.post([this, name] { calls += name; });
  }
};

TEST_F(Posting, keeps_the_order_and_crosses_threads) {
  std::thread([this] {
    EXPECT_TRUE(post('a'));
    EXPECT_TRUE(post('b'));
  }).join();
  loop.run_round();
  EXPECT_EQ(calls, "ab");
  EXPECT_TRUE(post('c'));
  loop.run_round();
  EXPECT_EQ(calls, "abc");
}

TEST_F(Posting, continues_after_a_task_that_throws) {
  queue.post([] { throw std::runtime_error("came to nothing"); });
  queue.post([] { throw 7; });
  post('a');
  loop.run_round();
  EXPECT_EQ(calls, "a");
}

TEST_F(Posting, ends_with_the_task_that_closes_the_queue) {
  post('a');
  queue.post([this] { queue.close(); });
  post('b');
  loop.run_round();
  EXPECT_EQ(calls, "a");
  EXPECT_FALSE(post('c'));
}

TEST_F(Posting, wakes_the_loop_again_after_each_batch) {
  for (int i = 0; i < 3; ++i) {
    post('a');
    post('b');
    EXPECT_TRUE(loop.poll_round());
    EXPECT_FALSE(loop.poll_round());
  }
  EXPECT_EQ(calls, "ababab");
}

TEST_F(Posting, may_continue_while_the_loop_ends) {
  const auto shared = loop.tasks();
  queue.close();
  EXPECT_FALSE(shared->post([] { FAIL(); }));
}

}  // namespace
}  // namespace chopin::loop
