#include "chopin/executor.hpp"

#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>
#include <gtest/gtest.h>

#include "loop/event_loop.hpp"

namespace chopin {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;
namespace asio = boost::asio;

struct ExecutorOfALoop : testing::Test {
  loop::EventLoop loop;
  Executor executor{loop};
  std::string calls;

  ExecutorOfALoop() { loop.tasks()->claim(); }
  ~ExecutorOfALoop() override { loop.close(); }
  ExecutorOfALoop(const ExecutorOfALoop&) = delete;
  ExecutorOfALoop& operator=(const ExecutorOfALoop&) = delete;

  void poll() {
    while (loop.poll_round()) {
    }
  }
};

TEST_F(ExecutorOfALoop, posts_for_later_and_dispatches_at_once) {
  asio::post(executor, [this] { calls += 'p'; });
  asio::dispatch(executor, [this] { calls += 'd'; });
  EXPECT_EQ(calls, "d");
  poll();
  EXPECT_EQ(calls, "dp");
}

TEST_F(ExecutorOfALoop, runs_what_other_threads_post_or_dispatch_on_its_own) {
  std::vector<std::thread::id> ran_on;
  std::thread([&] {
    asio::post(executor, [&] { ran_on.push_back(std::this_thread::get_id()); });
    asio::dispatch(executor, [&] { ran_on.push_back(std::this_thread::get_id()); });
  }).join();
  EXPECT_TRUE(ran_on.empty());
  poll();
  EXPECT_EQ(ran_on, std::vector(2, std::this_thread::get_id()));
}

TEST_F(ExecutorOfALoop, survives_a_task_that_throws) {
  asio::post(executor, [] { throw std::runtime_error("no matter"); });
  asio::post(executor, [this] { calls += 'a'; });
  poll();
  EXPECT_EQ(calls, "a");
}

Task<int> doubled(int number) {
  co_await asio::post(co_await asio::this_coro::executor, asio::use_awaitable_t<Executor>());
  co_return number * 2;
}

TEST_F(ExecutorOfALoop, runs_coroutines_that_await_each_other) {
  int result = 0;
  asio::co_spawn(
      executor, [&]() -> Task<> { result = co_await doubled(co_await doubled(10)); }, asio::detached);
  poll();
  EXPECT_EQ(result, 40);
}

TEST_F(ExecutorOfALoop, sleeps_for_the_given_time) {
  Clock::duration slept{};
  asio::co_spawn(
      executor,
      [&]() -> Task<> {
        const auto before = Clock::now();
        co_await sleep_for(7ms);
        slept = Clock::now() - before;
      },
      asio::detached);
  while (slept == Clock::duration{}) loop.run_round();
  EXPECT_GE(slept, 7ms);
}

TEST_F(ExecutorOfALoop, lets_others_run_before_it_goes_on_after_a_sleep_of_no_time) {
  int woken = 0;
  asio::co_spawn(
      executor,
      [&]() -> Task<> {
        for (;;) {
          co_await sleep_for(-1h);
          ++woken;
        }
      },
      asio::detached);
  while (woken == 0) loop.run_round();
  const int before = woken;
  loop.run_round();
  EXPECT_LE(woken, before + 1);
}

TEST_F(ExecutorOfALoop, ends_a_sleep_that_is_cancelled) {
  asio::cancellation_signal signal;
  std::exception_ptr thrown;
  asio::co_spawn(
      executor, []() -> Task<> { co_await sleep_for(std::chrono::nanoseconds::max()); },
      asio::bind_cancellation_slot(signal.slot(), [&](const std::exception_ptr& error) { thrown = error; }));
  poll();
  EXPECT_FALSE(thrown);
  signal.emit(asio::cancellation_type::terminal);
  while (!thrown) loop.run_round();
  try {
    std::rethrow_exception(thrown);
  } catch (const boost::system::system_error& error) {
    EXPECT_EQ(error.code(), asio::error::operation_aborted);
  }
}

TEST_F(ExecutorOfALoop, destroys_a_coroutine_that_sleeps_when_the_loop_ends) {
  const auto owned = std::make_shared<int>(1);
  asio::co_spawn(
      executor,
      [](std::shared_ptr<int> own) -> Task<> {
        co_await sleep_for(1h);
        *own = 2;
      }(owned),
      asio::detached);
  poll();
  EXPECT_EQ(owned.use_count(), 2);
  loop.close();
  EXPECT_EQ(owned.use_count(), 1);
  EXPECT_EQ(*owned, 1);
}

template <class Make>
std::string refusal(Make make) {
  try {
    make();
  } catch (const std::logic_error& error) {
    return error.what();
  }
  return "made";
}

TEST_F(ExecutorOfALoop, refuses_asio_services_that_would_start_a_thread_and_names_the_alternative) {
  for (const std::string& message :
       {refusal([this] {
          const asio::basic_waitable_timer<Clock, asio::wait_traits<Clock>, Executor> timer(executor);
        }),
        refusal([this] { const asio::steady_timer timer{asio::any_io_executor(executor)}; }),
        refusal([this] { const asio::basic_stream_socket<asio::ip::tcp, Executor> socket(executor); }),
        refusal([this] { const asio::basic_signal_set<Executor> signals(executor); })}) {
    EXPECT_NE(message.find("chopin::sleep_for"), std::string::npos) << message;
  }
}

}  // namespace
}  // namespace chopin
