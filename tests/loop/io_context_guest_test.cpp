#include "loop/io_context_guest.hpp"

#include <chrono>
#include <stdexcept>

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <gtest/gtest.h>

namespace chopin::loop {
namespace {

using namespace std::chrono_literals;
namespace asio = boost::asio;

struct GuestOfALoop : testing::Test {
  EventLoop loop;
  IoContextGuest guest{loop};
  asio::io_context& context = guest.lend();
};

TEST_F(GuestOfALoop, wakes_the_loop_when_one_of_its_timers_expires) {
  bool expired = false;
  asio::steady_timer timer(context, 3ms);
  timer.async_wait([&](boost::system::error_code) { expired = true; });
  while (!expired) loop.run_round();
}

TEST_F(GuestOfALoop, lets_the_loop_wait_while_nothing_of_it_is_ready) {
  asio::steady_timer timer(context, 1h);
  timer.async_wait([](boost::system::error_code) {});
  loop.note_application_code();
  loop.poll_round();
  EXPECT_FALSE(loop.poll_round());
}

TEST_F(GuestOfALoop, lets_the_loop_wait_when_nothing_of_it_is_under_way) {
  const auto come_to_rest = [this] {
    for (int i = 0; i < 10; ++i) {
      if (!loop.poll_round()) return true;
    }
    return false;
  };
  EXPECT_TRUE(come_to_rest());
  {
    asio::steady_timer timer(context, 1h);
    timer.async_wait([](boost::system::error_code) {});
    loop.note_application_code();
    EXPECT_TRUE(come_to_rest());
  }
  loop.note_application_code();
  EXPECT_TRUE(come_to_rest()) << "the timer was cancelled";
}

TEST_F(GuestOfALoop, is_polled_after_tasks_that_come_after_it_in_a_round) {
  struct Poster final : Task {
    explicit Poster(asio::io_context& own) : context(own) {}
    void run() noexcept override {
      asio::post(context, [this] { ran = true; });
    }
    asio::io_context& context;
    bool ran = false;
  };
  asio::steady_timer outstanding(context, 1h);
  outstanding.async_wait([](boost::system::error_code) {});
  Poster poster(context);
  loop.run_next_round(guest);  // as when it has more to do than it may at once
  loop.run_next_round(poster);
  loop.poll_round();
  EXPECT_TRUE(poster.ran);
}

TEST_F(GuestOfALoop, goes_on_in_the_next_round_when_it_has_more_to_do_than_it_may_at_once) {
  int ran = 0;
  for (int i = 0; i < 200; ++i) asio::post(context, [&] { ++ran; });
  loop.note_application_code();
  loop.poll_round();
  EXPECT_LT(ran, 200);
  while (loop.poll_round()) {
  }
  EXPECT_EQ(ran, 200);
}

TEST_F(GuestOfALoop, outlasts_handlers_that_throw) {
  int ran = 0;
  asio::post(context, [] { throw std::runtime_error("no matter"); });
  asio::post(context, [] { throw 7; });
  asio::post(context, [&] { ++ran; });
  guest.run();
  EXPECT_EQ(ran, 1);
}

}  // namespace
}  // namespace chopin::loop
