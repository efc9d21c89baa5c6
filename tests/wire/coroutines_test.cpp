#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>
#include <gtest/gtest.h>

#include "harness/eventually.hpp"
#include "harness/live_server.hpp"
#include "harness/log_collector.hpp"
#include "harness/raw_client.hpp"
#include "harness/shelf.hpp"

namespace chopin::test {
namespace {

using namespace std::chrono_literals;
using HttpRequest = chopin::Request;
using HttpResponse = chopin::Response;

Task<> wait_and_echo(const HttpRequest& request, HttpResponse& response) {
  co_await sleep_for(2ms);
  response.text(std::string(request.target()) + " " + std::string(request.body()));
}

Task<> echo_at_once(const HttpRequest& request, HttpResponse& response) {
  response.text(std::string(request.target()) + " " + std::string(request.body()));
  co_return;
}

Task<> throw_conflict(const HttpRequest& /*request*/, HttpResponse& /*response*/) {
  co_await sleep_for(1ms);
  throw HttpError(409, "taken");
}

TEST(Coroutines, respond_after_they_have_waited_and_in_order) {
  Router router;
  router.get("/slow/{id}", wait_and_echo);
  router.get("/now", echo_at_once);
  const LiveServer server(test_config(), std::move(router));
  RawClient client(server.port());
  for (int round = 0; round < 20; ++round) {
    client.send(get("/slow/1") + get("/now") + get("/slow/2?x=y"));
    EXPECT_EQ(client.read_response().body, "/slow/1 ");
    EXPECT_EQ(client.read_response().body, "/now ");
    EXPECT_EQ(client.read_response().body, "/slow/2?x=y ");
  }
}

TEST(Coroutines, may_serve_every_method_with_the_usual_verbs) {
  Router router;
  router.post("/", wait_and_echo).put("/", wait_and_echo).patch("/", wait_and_echo).del("/", wait_and_echo);
  router.group("/group").get("/", wait_and_echo).route(Method::options, "/", wait_and_echo);
  const LiveServer server(test_config(), std::move(router));
  for (const std::string method : {"POST", "PUT", "PATCH", "DELETE"}) {
    EXPECT_EQ(ask(server.port(), method + " / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nhi").body,
              "/ hi");
  }
  EXPECT_EQ(ask(server.port(), get("/group/")).body, "/group/ ");
  EXPECT_EQ(ask(server.port(), "OPTIONS /group/ HTTP/1.1\r\nHost: h\r\n\r\n").body, "/group/ ");
}

TEST(Coroutines, keep_their_request_while_the_connection_reads_on) {
  Router router;
  router.post("/", [](const HttpRequest& request, HttpResponse& response) -> Task<> {
    const std::string before(request.body());
    co_await sleep_for(20ms);
    response.text(before == request.body() && request.field("X-Mark") == "m" ? "same" : "changed");
  });
  const LiveServer server(test_config(), std::move(router));
  RawClient client(server.port());
  const std::string body(3000, 'b');
  const std::string post = "POST / HTTP/1.1\r\nHost: h\r\nX-Mark: m\r\nContent-Length: 3000\r\n\r\n" + body;
  client.send(post + post);
  RawClient other(server.port());
  other.send("POST / HTTP/1.1\r\nHost: h\r\nX-Mark: m\r\nContent-Length: 3000\r\n\r\n" +
             std::string(3000, 'c'));
  EXPECT_EQ(client.read_response().body, "same");
  EXPECT_EQ(client.read_response().body, "same");
  EXPECT_EQ(other.read_response().body, "same");
}

TEST(Coroutines, that_throw_give_the_status_of_the_exception) {
  Router router;
  router.get("/conflict", throw_conflict);
  router.get("/broken", [](const HttpRequest&, HttpResponse&) -> Task<> {
    co_await sleep_for(1ms);
    throw std::runtime_error("secret");
  });
  router.get("/broken-at-once", [](const HttpRequest&, HttpResponse&) -> Task<> {
    throw std::runtime_error("secret");
    co_return;
  });
  const LiveServer server(test_config(), std::move(router));
  EXPECT_EQ(ask(server.port(), get("/conflict")).status, 409);
  for (const std::string path : {"/broken", "/broken-at-once"}) {
    const Response response = ask(server.port(), get(path));
    EXPECT_EQ(response.status, 500);
    EXPECT_EQ(response.body.find("secret"), std::string::npos);
  }
}

TEST(Coroutines, of_asios_own_kind_run_with_asios_timers) {
  Router router;
  router.get("/", [](const HttpRequest& request, HttpResponse& response) -> boost::asio::awaitable<void> {
    boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor, 2ms);
    co_await timer.async_wait(boost::asio::use_awaitable);
    if (request.query() == "throw") throw HttpError(418, "no coffee");
    response.text("after Asio's timer");
  });
  const LiveServer server(test_config(), std::move(router));
  RawClient client(server.port());
  client.send(get("/") + get("/?throw") + get("/"));
  EXPECT_EQ(client.read_response().body, "after Asio's timer");
  EXPECT_EQ(client.read_response().status, 418);
  EXPECT_EQ(client.read_response().body, "after Asio's timer");
}

TEST(Coroutines, may_await_operations_on_the_io_context_of_their_worker) {
  Router router;
  router.get("/", [](const HttpRequest&, HttpResponse& response) -> Task<> {
    const Executor executor = co_await boost::asio::this_coro::executor;
    boost::asio::steady_timer timer(executor.io_context(), 2ms);
    co_await timer.async_wait(boost::asio::use_awaitable_t<Executor>());
    response.text("done");
  });
  const LiveServer server(test_config(), std::move(router));
  for (int i = 0; i < 3; ++i) EXPECT_EQ(ask(server.port(), get("/")).body, "done");
}

// ---- Their end. ----

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

// ---- Layers that take time. ----

Middleware slow_check() {
  return {.name = "check",
          .reason = "asks a database",
          .before_later = [](HttpRequest& request, HttpResponse& response) -> Task<Verdict> {
            co_await sleep_for(1ms);
            const std::string_view who = request.field("Authorization");
            if (who == "throw") throw HttpError(500, "the database is gone");
            if (who.empty()) co_return Verdict::fail(401, "who are you?");
            if (who == "redirect") {
              response.status(302).field("Location", "/login");
              co_return Verdict::done();
            }
            request.set_note("user", std::string(who));
            co_return Verdict::next();
          },
          .after = [](const HttpRequest&, HttpResponse& response) { response.field("X-Checked", "yes"); }};
}

void greet(const HttpRequest& request, HttpResponse& response) {
  response.text("hello " + std::string(request.note("user")));
}

std::string get_as(const std::string& path, const std::string& who) {
  return "GET " + path + " HTTP/1.1\r\nHost: h\r\nAuthorization: " + who + "\r\n\r\n";
}

TEST(LaterMiddleware, lets_requests_through_to_every_kind_of_handler) {
  Router router;
  router.use(slow_check());
  router.get("/plain", greet);
  router.get("/later", [](Responder responder) {
    responder.response().text("hello " + std::string(responder.request().note("user")));
    responder.send();
  });
  router.get("/coroutine", [](const HttpRequest& request, HttpResponse& response) -> Task<> {
    co_await sleep_for(1ms);
    greet(request, response);
  });
  const LiveServer server(test_config(), std::move(router));
  RawClient client(server.port());
  for (const std::string path : {"/plain", "/later", "/coroutine", "/plain"})
    client.send(get_as(path, "anna"));
  for (int i = 0; i < 4; ++i) {
    const Response response = client.read_response();
    EXPECT_EQ(response.body, "hello anna");
    EXPECT_EQ(response.field("X-Checked"), "yes");
  }
}

TEST(LaterMiddleware, may_respond_itself_and_may_throw) {
  Router router;
  router.use(slow_check());
  router.get("/", greet);
  const LiveServer server(test_config(), std::move(router));
  EXPECT_EQ(ask(server.port(), get("/")).status, 401);
  EXPECT_EQ(ask(server.port(), get_as("/", "redirect")).field("Location"), "/login");
  EXPECT_EQ(ask(server.port(), get_as("/", "throw")).status, 500);
  EXPECT_EQ(ask(server.port(), get_as("/", "throw")).field("X-Checked"), "yes");
}

TEST(LaterMiddleware, guards_responses_without_a_route_too) {
  Router router;
  router.use(slow_check());
  const LiveServer server(test_config(), std::move(router));
  EXPECT_EQ(ask(server.port(), get("/nowhere")).status, 401);
  EXPECT_EQ(ask(server.port(), get_as("/nowhere", "anna")).status, 404);
}

TEST(LaterMiddleware, of_a_group_guards_its_fast_routes_in_performance_mode_too) {
  Router router;
  RouteGroup group = router.group("/secret");
  group.fast(FastRoute::text("/fast", "body"));
  group.use(slow_check());
  router.group("/open").fast(FastRoute::text("/fast", "open"));
  const LiveServer server(test_config(), std::move(router));
  EXPECT_EQ(ask(server.port(), get("/secret/fast")).status, 401);
  EXPECT_EQ(ask(server.port(), get_as("/secret/fast", "anna")).body, "body");
  EXPECT_EQ(ask(server.port(), get("/open/fast")).body, "open");
}

}  // namespace
}  // namespace chopin::test
