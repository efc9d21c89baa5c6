#include <chrono>
#include <string>
#include <string_view>
#include <utility>

#include <gtest/gtest.h>

#include "harness/live_server.hpp"
#include "harness/raw_client.hpp"

namespace chopin::test {
namespace {

using namespace std::chrono_literals;
using HttpRequest = chopin::Request;
using HttpResponse = chopin::Response;

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
