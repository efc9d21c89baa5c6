#include <atomic>
#include <chrono>
#include <optional>
#include <utility>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>
#include <gtest/gtest.h>

#include "harness/eventually.hpp"
#include "harness/live_server.hpp"
#include "harness/raw_client.hpp"
#include "harness/shelf.hpp"
#include "wire/echo_at_once.hpp"

namespace chopin::test {
namespace {

using namespace std::chrono_literals;
using HttpRequest = chopin::Request;
using HttpResponse = chopin::Response;

/// Counts coroutines that are under way.
struct Presence {
  explicit Presence(std::atomic<int>& count) : count_(count) { ++count_; }
  ~Presence() { --count_; }
  Presence(const Presence&) = delete;
  Presence& operator=(const Presence&) = delete;
  std::atomic<int>& count_;
};

class CoroutinesThatWait : public testing::Test {
 protected:
  void start(const Config& config = test_config()) {
    Router router;
    router.get("/wait", [this](const HttpRequest&, HttpResponse&) -> Task<> {
      const Presence presence(waiting);
      co_await sleep_for(1h);
    });
    router.get("/wait-with-asio", [this](const HttpRequest&, HttpResponse&) -> Task<> {
      const Presence presence(waiting);
      const Executor executor = co_await boost::asio::this_coro::executor;
      boost::asio::steady_timer timer(executor.io_context(), 1h);
      co_await timer.async_wait(boost::asio::use_awaitable_t<Executor>());
    });
    router.get("/now", echo_at_once);
    server.emplace(config, std::move(router));
  }

  std::atomic<int> waiting = 0;
  std::optional<LiveServer> server;
};

TEST_F(CoroutinesThatWait, are_cancelled_when_their_client_disconnects) {
  start();
  {
    RawClient client(server->port());
    client.send(get("/wait"));
    EXPECT_TRUE(eventually([&] { return waiting == 1; }));
    client.reset();
  }
  EXPECT_TRUE(eventually([&] { return waiting == 0; }));
  EXPECT_EQ(ask(server->port(), get("/now")).status, 200);
}

TEST_F(CoroutinesThatWait, on_the_io_context_are_cancelled_at_once_though_nothing_else_happens) {
  start();
  {
    RawClient client(server->port());
    client.send(get("/wait-with-asio"));
    EXPECT_TRUE(eventually([&] { return waiting == 1; }));
    client.reset();
  }
  EXPECT_TRUE(eventually([&] { return waiting == 0; }));
}

TEST_F(CoroutinesThatWait, are_cancelled_when_their_time_is_over_and_the_client_gets_a_503) {
  Config config = test_config();
  config.timeouts.handler = 1ms;  // rounded up to a tick
  start(config);
  RawClient client(server->port());
  client.send(get("/wait") + get("/now"));
  EXPECT_EQ(client.read_response().status, 503);
  EXPECT_EQ(client.read_response().status, 200);
  EXPECT_TRUE(eventually([&] { return waiting == 0; }));
  const auto counters = server->counters();
  EXPECT_EQ(counters.handler_timeouts, 1U);
  EXPECT_EQ(counters.late_responses, 0U);
}

TEST_F(CoroutinesThatWait, end_with_the_server) {
  start();
  RawClient client(server->port());
  client.send(get("/wait"));
  EXPECT_TRUE(eventually([&] { return waiting == 1; }));
  server->stop();
  EXPECT_EQ(waiting, 0);
}

TEST(HandlerTimeout, ignores_and_counts_a_response_that_comes_later) {
  Shelf shelf;
  Router router;
  router.get("/later", [&](Responder responder) { shelf.put(std::move(responder)); });
  router.get("/now", echo_at_once);
  Config config = test_config();
  config.timeouts.handler = 1ms;
  const LiveServer server(config, std::move(router));
  RawClient client(server.port());
  client.send(get("/later"));
  EXPECT_EQ(client.read_response().status, 503);
  Responder responder = shelf.take();
  responder.response().text("too late");
  responder.send();
  client.send(get("/now"));
  EXPECT_EQ(client.read_response().body, "/now ");
  EXPECT_TRUE(eventually([&] { return server.counters().late_responses == 1; }));
  EXPECT_EQ(server.counters().handler_timeouts, 1U);
}

TEST(HandlerTimeout, counts_a_response_that_comes_later_behind_a_layer_that_takes_time) {
  Shelf shelf;
  Router router;
  router.use({.name = "slow", .reason = "", .before_later = [](HttpRequest&, HttpResponse&) -> Task<Verdict> {
                co_await sleep_for(1ms);
                co_return Verdict::next();
              }});
  router.get("/later", [&](Responder responder) { shelf.put(std::move(responder)); });
  Config config = test_config();
  config.timeouts.handler = 1ms;
  const LiveServer server(config, std::move(router));
  RawClient client(server.port());
  client.send(get("/later"));
  EXPECT_EQ(client.read_response().status, 503);
  shelf.take().send();
  EXPECT_TRUE(eventually([&] { return server.counters().late_responses == 1; }));
}

TEST(HandlerTimeout, cancels_a_coroutine_of_asios_own_kind) {
  std::atomic<bool> cancelled = false;
  Router router;
  router.get("/", [&](const HttpRequest&, HttpResponse&) -> boost::asio::awaitable<void> {
    boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor, 1h);
    try {
      co_await timer.async_wait(boost::asio::use_awaitable);
    } catch (const boost::system::system_error&) {
      cancelled = true;
    }
  });
  Config config = test_config();
  config.timeouts.handler = 1ms;
  const LiveServer server(config, std::move(router));
  EXPECT_EQ(ask(server.port(), get("/")).status, 503);
  EXPECT_TRUE(eventually([&] { return cancelled.load(); }));
}

}  // namespace
}  // namespace chopin::test
