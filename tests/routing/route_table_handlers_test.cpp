#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "routing/route_table.hpp"
#include "routing/site.hpp"

namespace chopin::routing {
namespace {

TEST(RouteTable, responds_with_500_if_a_handler_throws) {
  Router router;
  router.get("/exception", [](const Request&, Response& response) {
    response.field("X", "1").text("half");
    throw std::runtime_error("a secret");
  });
  router.get("/number", [](const Request&, Response&) { throw 7; });
  router.get("/status", [](const Request&, Response& response) { response.status(600); });
  router.fast(FastRoute::json("/fast", [calls = 0](JsonWriter& out) mutable {
    out.value(calls);
    if (calls++ > 0) throw std::runtime_error("a secret");
  }));
  Site site(std::move(router));
  for (const std::string_view path : {"/exception", "/number", "/status", "/fast"}) {
    const Response response = site.get(path);
    EXPECT_EQ(response.status(), 500) << path;
    EXPECT_EQ(response.content_type(), "application/json") << path;
    EXPECT_EQ(response.field_lines(), "") << path;
    EXPECT_EQ(response.body(), error_text("INTERNAL_ERROR", "internal error")) << path;
  }
}

TEST(RouteTable, responds_to_an_http_error_with_its_status_and_fields) {
  Router router;
  router.get("/", [](const Request&, Response& response) {
    response.field("X", "1").text("half");
    throw HttpError(422, "invalid", {{"name", "is missing"}});
  });
  const Response response = Site(std::move(router)).get("/");
  EXPECT_EQ(response.status(), 422);
  EXPECT_EQ(response.field_lines(), "");
  EXPECT_EQ(response.body(), R"({"success":false,"error":{"code":"VALIDATION_ERROR","message":"invalid",)"
                             R"("fields":{"name":"is missing"}}})");
}

TEST(RouteTable, leaves_the_response_to_a_handler_that_responds_later) {
  std::string trace;
  Router router;
  router.use({.name = "",
              .reason = "",
              .before =
                  [&trace](Request& request, Response&) {
                    trace += "in ";
                    request.set_note("a", "b");
                    return Verdict::next();
                  },
              .after =
                  [&trace](const Request& request, const Response& response) {
                    trace += std::string(request.note("a")) + " " + std::string(response.body());
                  }});
  router.route(Method::get, "/{x}", [&trace](Responder) { trace += "called "; });
  const RouteTable table(std::move(router), Mode::standard);
  std::vector<Param> params;
  const auto found = table.find(Method::get, "/y", params);
  Request request({.path = "/y", .params = params});
  Response response;
  const auto passed = table.dispatch(found, request, response);
  ASSERT_EQ(passed, 1U);
  EXPECT_EQ(trace, "in ");
  table.finish(found, *passed, request, response.text("done"));
  EXPECT_EQ(trace, "in b done");
}

}  // namespace
}  // namespace chopin::routing
