#include <chrono>
#include <stdexcept>
#include <string>
#include <utility>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <gtest/gtest.h>

#include "harness/live_server.hpp"
#include "harness/raw_client.hpp"
#include "wire/echo_at_once.hpp"

namespace chopin::test {
namespace {

using namespace std::chrono_literals;
using HttpRequest = chopin::Request;
using HttpResponse = chopin::Response;

Task<> wait_and_echo(const HttpRequest& request, HttpResponse& response) {
  co_await sleep_for(2ms);
  response.text(std::string(request.target()) + " " + std::string(request.body()));
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

}  // namespace
}  // namespace chopin::test
