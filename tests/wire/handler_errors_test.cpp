#include <atomic>
#include <stdexcept>
#include <string>
#include <tuple>
#include <utility>

#include <gtest/gtest.h>

#include "harness/live_server.hpp"
#include "harness/raw_client.hpp"
#include "wire/modes.hpp"
#include "wire/posts.hpp"

namespace chopin::test {
namespace {

TEST(Handlers, that_throw_give_an_error_and_keep_the_connection) {
  Router router;
  router.get("/standard", [](const Request&, chopin::Response& response) {
    response.status(201).field("X-Half", "done").text("half");
    throw std::runtime_error("inner matter");
  });
  router.get("/int", [](const Request&, chopin::Response&) { throw 7; });
  router.post("/error", [](const Request&, chopin::Response&) {
    throw HttpError(422, "say \"please\"", {{"name", "is missing"}});
  });
  router.get("/late", [](const Request&, chopin::Response& response) { response.status(700); });
  std::atomic<bool> serves = false;  // a fast route's body is also written once when it is added
  router.fast(FastRoute::json("/fast", [&serves](JsonWriter& out) {
    out.begin_array();
    if (serves) throw std::runtime_error("inner matter");
    out.end_array();
  }));
  LiveServer server(in_mode(Mode::standard), std::move(router));
  serves = true;
  RawClient client(server.port());
  const auto fails = [&](const std::string& request) {
    client.send(request);
    const Response response = client.read_response();
    EXPECT_EQ(response.status, 500) << request;
    EXPECT_EQ(response.body,
              R"({"success":false,"error":{"code":"INTERNAL_ERROR","message":"internal error"}})");
    EXPECT_EQ(response.field("X-Half"), "");
    EXPECT_EQ(response.field("Connection"), "");
  };
  for (int i = 0; i < 2; ++i) {
    for (const char* path : {"/standard", "/int", "/late", "/fast"}) fails(get(path));
    client.send(post_body("/error", "x"));
    const Response response = client.read_response();
    EXPECT_EQ(response.status, 422);
    EXPECT_EQ(response.body, R"({"success":false,"error":{"code":"VALIDATION_ERROR",)"
                             R"("message":"say \"please\"","fields":{"name":"is missing"}}})");
  }
}

TEST(Handlers, middleware_that_throws_or_refuses_gives_an_error_and_keeps_the_connection) {
  Router router;
  router.use({.name = "guard",
              .reason = "",
              .before =
                  [](Request& request, chopin::Response& response) {
                    if (request.path() == "/throw") throw std::runtime_error("inner matter");
                    if (request.path() == "/refuse") return Verdict::fail(403, "not you");
                    if (request.path() == "/done") {
                      response.text("done before");
                      return Verdict::done();
                    }
                    return Verdict::next();
                  },
              .after =
                  [](const Request& request, chopin::Response& response) {
                    response.replace_field("X-After", std::to_string(response.status()));
                    if (request.path() == "/after") throw 7;
                  }});
  LiveServer server(test_config(), std::move(router));
  RawClient client(server.port());
  for (const auto& [path, status, after] :
       {std::tuple{"/throw", 500, "500"}, std::tuple{"/refuse", 403, "403"}, std::tuple{"/done", 200, "200"},
        std::tuple{"/after", 500, ""}, std::tuple{"/nowhere", 404, "404"}}) {
    client.send(get(path));
    const Response response = client.read_response();
    EXPECT_EQ(response.status, status) << path;
    EXPECT_EQ(response.field("X-After"), after) << path;
  }
}

}  // namespace
}  // namespace chopin::test
