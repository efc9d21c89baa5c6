#include "connection/mailbox.hpp"

#include <functional>
#include <stdexcept>
#include <string>
#include <thread>
#include <variant>

#include <gtest/gtest.h>

namespace chopin::connection {
namespace {

struct Delivery : testing::Test {
  loop::Readiness readiness;
  std::string calls;
  Mailbox mailbox{readiness, [](const Letter& letter) { std::get<std::function<void()>>(letter)(); }};

  bool post(char name) {
    return mailbox.post([this, name] { calls += name; });
  }
};

TEST_F(Delivery, keeps_the_order_and_crosses_threads) {
  std::thread([this] {
    EXPECT_TRUE(post('a'));
    EXPECT_TRUE(post('b'));
  }).join();
  readiness.run_round();
  EXPECT_EQ(calls, "ab");
  EXPECT_TRUE(post('c'));
  readiness.run_round();
  EXPECT_EQ(calls, "abc");
}

TEST_F(Delivery, goes_on_behind_a_letter_that_throws) {
  mailbox.post([] { throw std::runtime_error("came to nothing"); });
  post('a');
  readiness.run_round();
  EXPECT_EQ(calls, "a");
}

TEST_F(Delivery, ends_with_the_letter_that_closes_the_mailbox) {
  post('a');
  mailbox.post([this] { mailbox.close(); });
  post('b');
  readiness.run_round();
  EXPECT_EQ(calls, "a");
  EXPECT_FALSE(post('c'));
}

}  // namespace
}  // namespace chopin::connection
