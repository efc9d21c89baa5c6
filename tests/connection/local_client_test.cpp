#include "chopin/local_client.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <gtest/gtest.h>

#include "harness/log_collector.hpp"

namespace chopin {
namespace {

using namespace std::chrono_literals;

Router items() {
  Router router;
  router.use(
      {.name = "seal", .reason = "a test", .before = {}, .after = [](const Request&, Response& response) {
         response.field("X-Seal", "1");
       }});
  router.fast(FastRoute::text("/health", "fine"));
  router.put("/items/{id}", [](const Request& request, Response& response) {
    response.status(201).text(std::string(request.param("id")) + ' ' + std::string(request.field("x-user")) +
                              ' ' + request.query_value("q").value_or("-") + ' ' +
                              std::string(request.body()));
  });
  router.get("/throws", [](const Request&, Response&) { throw HttpError(409, "taken"); });
  return router;
}

TEST(LocalClient, gives_what_handlers_log_to_its_sink) {
  Router router;
  router.get("/", [](const Request& request, Response& response) {
    request.log().info("order placed", {{"order", 7}});
    response.text("ok");
  });
  router.get("/throws", [](const Request&, Response&) { throw std::runtime_error("no stock"); });
  test::LogCollector log;
  {
    LocalClient client(std::move(router), Mode::standard, log.sink());
    EXPECT_EQ(client.get("/").status, 200);
    EXPECT_EQ(client.get("/throws").status, 500);
  }
  ASSERT_EQ(log.lines().size(), 2U);
  EXPECT_EQ(log.lines().front(), "info order placed order=7");
  EXPECT_NE(log.lines().back().find("no stock"), std::string::npos);
}

TEST(LocalClient, passes_a_request_through_middleware_to_its_handler) {
  LocalClient client(items());
  const auto received = client.send({.method = Method::put,
                                     .target = "/items/a%20b/../7?q=z",
                                     .fields = {{"X-User", "ann"}},
                                     .body = "hello"});
  EXPECT_EQ(received.status, 201);
  EXPECT_EQ(received.body, "7 ann z hello");
  EXPECT_EQ(received.field("content-type"), "text/plain; charset=utf-8");
  EXPECT_EQ(received.field("X-Seal"), "1");
  EXPECT_EQ(received.field("X-Other"), "");
}

TEST(LocalClient, gets_what_a_server_responds_without_a_handler) {
  LocalClient client(items());
  EXPECT_EQ(client.get("/health").body, "fine");
  EXPECT_EQ(client.get("/nothing").status, 404);
  EXPECT_EQ(client.get("/throws").status, 409);
  EXPECT_EQ(client.send({.method = Method::post, .target = "/health"}).field("Allow"), "GET, HEAD, OPTIONS");
  EXPECT_EQ(client.send({.method = Method::options, .target = "*"}).status, 204);
  EXPECT_EQ(client.get("no path").status, 400);
  EXPECT_EQ(client.get("/%zz").status, 400);
  const auto head = client.send({.method = Method::head, .target = "/health"});
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.body, "");
}

TEST(LocalClient, gives_a_body_only_to_a_handler_as_a_server_does) {
  std::string seen = "nothing";
  Router router;
  router.use({.name = "witness", .reason = "a test", .before = [&seen](Request& request, Response&) {
                seen = request.body();
                return Verdict::next();
              }});
  router.put("/", [](const Request&, Response&) {});
  LocalClient client(std::move(router));
  client.send({.method = Method::put, .body = "hello"});
  EXPECT_EQ(seen, "hello");
  client.send({.method = Method::put, .target = "/nowhere", .body = "hello"});
  EXPECT_EQ(seen, "");
}

TEST(LocalClient, in_performance_mode_passes_fast_routes_by_the_middleware) {
  EXPECT_EQ(LocalClient(items(), Mode::standard).get("/health").field("X-Seal"), "1");
  EXPECT_EQ(LocalClient(items(), Mode::performance).get("/health").field("X-Seal"), "");
}

TEST(LocalClient, treats_targets_and_refusals_as_a_server_does) {
  Router router;
  router.use(middleware::cors("", {.origins = {"https://a.example"}}));
  router.get("/{id}",
             [](const Request& request, Response& response) {
               response.text(std::string(request.param("id")) + " at " + std::string(request.field("Host")));
             },
             {.encoded_slashes = true});
  LocalClient client(std::move(router));
  EXPECT_EQ(client.get("/a%2Fb").body, "a/b at ");
  const LocalClient::Fields host{{"Host", "other"}};
  EXPECT_EQ(client.send({.target = "http://a.example/x", .fields = host}).body, "x at a.example");
  EXPECT_EQ(client.send({.target = "/x", .fields = host}).body, "x at other");
  const LocalClient::Fields origin{{"Origin", "https://a.example"}};
  const auto refused = client.send({.target = "/a%2Fb/c", .fields = origin});
  EXPECT_EQ(refused.status, 400);
  EXPECT_EQ(refused.field("Access-Control-Allow-Origin"), "https://a.example");
}

TEST(LocalClient, waits_for_handlers_that_respond_later) {
  Router router;
  std::thread thread;
  router.route(Method::get, "/thread", [&thread](Responder responder) {
    thread = std::thread([responder = std::move(responder)]() mutable {
      responder.response().text("from a thread");
      responder.send();
    });
  });
  router.route(Method::get, "/coroutine", [](Responder responder) {
    const Executor executor = responder.executor();
    boost::asio::co_spawn(
        executor,
        [](Responder own) -> Task<> {
          co_await sleep_for(1ms);
          own.response().text("from a coroutine");
          own.send();
        }(std::move(responder)),
        boost::asio::detached);
  });
  router.route(Method::get, "/dropped", [](Responder) {});
  router.route(Method::get, "/throws", [](Responder) { throw HttpError(409, "taken"); });
  LocalClient client(std::move(router));
  EXPECT_EQ(client.get("/thread").body, "from a thread");
  EXPECT_EQ(client.get("/coroutine").body, "from a coroutine");
  EXPECT_EQ(client.get("/dropped").status, 500);
  EXPECT_EQ(client.get("/throws").status, 409);
  thread.join();
}

TEST(LocalClient, may_wait_for_a_handler_for_ever) {
  Router router;
  router.route(Method::get, "/", [](Responder responder) {
    const Executor executor = responder.executor();
    boost::asio::post(executor, [own = std::make_shared<Responder>(std::move(responder))] {
      own->response().text("posted");
      own->send();
    });
  });
  LocalClient client(std::move(router));
  EXPECT_EQ(client.send({}, std::chrono::milliseconds::max()).body, "posted");
}

TEST(LocalClient, gives_up_on_a_handler_that_does_not_respond) {
  std::optional<Responder> kept;
  Router router;
  router.route(Method::get, "/", [&kept](Responder responder) { kept.emplace(std::move(responder)); });
  LocalClient client(std::move(router));
  EXPECT_THROW(client.send({}, 1ms), std::runtime_error);
  EXPECT_TRUE(kept->client_is_gone());
}

TEST(Responder, refuses_every_call_once_the_response_is_sent) {
  Router router;
  int refused = 0;
  const auto count_refused = [&refused](auto call) {
    try {
      call();
    } catch (const std::logic_error&) {
      ++refused;
    }
  };
  router.route(Method::get, "/", [&](Responder responder) {
    responder.response().text("first");
    EXPECT_FALSE(responder.is_sent());
    responder.send();
    EXPECT_TRUE(responder.is_sent());
    count_refused([&] { responder.send(); });
    count_refused([&] { responder.response().text("second"); });
    count_refused([&] { static_cast<void>(responder.request()); });
    count_refused([&] { static_cast<void>(responder.client_is_gone()); });
    count_refused([&] { responder.on_client_gone([] {}); });
    count_refused([&] { static_cast<void>(responder.executor()); });
    count_refused([&] { static_cast<void>(responder.io_context()); });
  });
  EXPECT_EQ(LocalClient(std::move(router)).get("/").body, "first");
  EXPECT_EQ(refused, 7);
}

}  // namespace
}  // namespace chopin
