#include "chopin/router.hpp"

#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include <gtest/gtest.h>

#include "routing/site.hpp"

namespace chopin {
namespace {

using routing::Site;

void ignore(const Request&, Response&) {}

/// The message of the exception that adding these routes throws, empty if it throws none.
std::string fault_of(const std::function<void(Router&)>& fill) {
  Router router;
  try {
    fill(router);
    return {};
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
}

std::string fault_of_pattern(std::string_view pattern) {
  return fault_of([pattern](Router& router) { router.get(pattern, ignore); });
}

/// A layer that records its `before` and `after`.
Middleware tracing(std::string& trace, const std::string& name) {
  return {.name = name,
          .reason = "",
          .before =
              [&trace, name](Request&, Response&) {
                trace += name;
                return Verdict::next();
              },
          .after = [&trace, name](const Request&, Response&) { trace += '~' + name; }};
}

TEST(Router, refuses_a_malformed_pattern_and_names_it) {
  EXPECT_EQ(fault_of_pattern("a"), "route 'GET a': the pattern must start with '/'");
  EXPECT_EQ(fault_of_pattern(""), "route 'GET ': the pattern must start with '/'");
  EXPECT_EQ(fault_of_pattern("/{}"), "route 'GET /{}': '' is no name for a parameter");
  EXPECT_EQ(fault_of_pattern("/{a...}/b"), "route 'GET /{a...}/b': '{a...}' must be the last segment");
  EXPECT_EQ(fault_of_pattern("/a/../b"), "route 'GET /a/../b': requests have no dot segments");
}

TEST(Router, refuses_a_second_route_for_the_same_paths_and_method) {
  constexpr std::string_view already = "there is one already that matches the same paths";
  EXPECT_EQ(fault_of([](Router& router) { router.get("/a", ignore).get("/a", ignore); }),
            "route 'GET /a': " + std::string(already));
  EXPECT_EQ(fault_of([](Router& router) { router.put("/{a}/b", ignore).put("/{c}/b", ignore); }),
            "route 'PUT /{c}/b': " + std::string(already));
  EXPECT_EQ(fault_of([](Router& router) { router.del("/{a...}", ignore).del("/{b...}", ignore); }),
            "route 'DELETE /{b...}': " + std::string(already));
  EXPECT_EQ(fault_of([](Router& router) {
              router.get("/a/b", ignore);
              router.group("/a").route(Method::get, "/b", [](Responder) {});
            }),
            "route 'GET /a/b': " + std::string(already));
}

TEST(Router, accepts_routes_that_differ_in_method_or_shape) {
  EXPECT_EQ(
      fault_of([](Router& router) {
        router.get("/a", ignore).post("/a", ignore).put("/a", ignore).patch("/a", ignore).del("/a", ignore);
        router.route(Method::head, "/a", ignore).route(Method::options, "/a", ignore);
        router.get("/a/", ignore)
            .get("//a", ignore)
            .get("/{a}", ignore)
            .get("/{a...}", ignore)
            .get("/", ignore);
      }),
      "");
}

TEST(Router, refuses_a_route_for_a_path_and_method_of_a_fast_route) {
  EXPECT_EQ(fault_of([](Router& router) { router.fast(FastRoute::text("/a", "")).get("/a", ignore); }),
            "route 'GET /a': there is one already that matches the same paths");
  EXPECT_EQ(fault_of([](Router& router) {
              router.route(Method::head, "/a", ignore).fast(FastRoute::text("/a", ""));
            }),
            "route 'HEAD /a': there is one already that matches the same paths");
  EXPECT_EQ(fault_of([](Router& router) {
              router.fast(FastRoute::text("/a", "").cors()).route(Method::options, "/a", ignore);
            }),
            "route 'OPTIONS /a': there is one already that matches the same paths");
  EXPECT_EQ(fault_of([](Router& router) { router.get("/a b", ignore).fast(FastRoute::text("/a%20b", "")); }),
            "route 'GET /a%20b': there is one already that matches the same paths");
  EXPECT_EQ(fault_of([](Router& router) {
              router.fast(FastRoute::text("/a", "").methods({Method::put}));
              router.post("/a", ignore).route(Method::options, "/a", ignore).get("/{a}", ignore);
            }),
            "");
}

TEST(Router, claims_no_method_of_a_fast_route_that_it_refuses) {
  Router router;
  router.route(Method::head, "/a", ignore);
  EXPECT_THROW(router.fast(FastRoute::text("/a", "")), std::invalid_argument);
  EXPECT_TRUE(router.fast_routes().empty());
  EXPECT_NO_THROW(router.get("/a", ignore));
}

TEST(Router, refuses_a_route_without_a_handler) {
  EXPECT_EQ(fault_of([](Router& router) { router.get("/a", nullptr); }),
            "route 'GET /a': there is no handler");
  EXPECT_EQ(fault_of([](Router& router) { router.route(Method::post, "/a", LaterHandler()); }),
            "route 'POST /a': there is no handler");
}

TEST(Router, refuses_methods_that_no_resource_implements) {
  for (const Method method : {Method::connect, Method::trace, Method::unknown}) {
    EXPECT_EQ(fault_of([method](Router& router) { router.route(method, "/a", ignore); }),
              "route '" + std::string(to_string(method)) +
                  " /a': only GET, HEAD, POST, PUT, DELETE, PATCH and OPTIONS can be routed");
  }
}

TEST(RouteGroup, puts_its_prefix_before_every_pattern) {
  Router router;
  auto api = router.group("/api");
  api.get("", [](const Request&, Response& response) { response.text("index"); });
  api.get("/", [](const Request&, Response& response) { response.text("slash"); });
  auto users = api.group("/users/{user}");
  users.get("/posts/{post}", [](const Request& request, Response& response) {
    response.text(std::string(request.param("user")) + '+' + std::string(request.param("post")));
  });
  router.get("/api2", [](const Request&, Response& response) { response.text("other"); });
  Site site(std::move(router));
  EXPECT_EQ(site.get("/api").body(), "index");
  EXPECT_EQ(site.get("/api/").body(), "slash");
  EXPECT_EQ(site.get("/api/users/anna/posts/7").body(), "anna+7");
  EXPECT_EQ(site.get("/api2").body(), "other");
  EXPECT_EQ(site.get("/users/anna/posts/7").status(), 404);
}

TEST(RouteGroup, requires_a_prefix_that_begins_but_does_not_end_with_a_slash) {
  for (const std::string_view prefix : {"api", "/", "/api/", "{a}"}) {
    EXPECT_EQ(
        fault_of([prefix](Router& router) { router.group(prefix); }),
        "route '" + std::string(prefix) + "': a group's prefix starts with '/' and does not end with it");
  }
  EXPECT_EQ(fault_of([](Router& router) { router.group("/api").group("v1"); }),
            "route '/apiv1': a group's prefix starts with '/' and does not end with it");
}

TEST(RouteGroup, may_have_an_empty_prefix) {
  EXPECT_EQ(fault_of([](Router& router) { router.group("").get("/users", ignore); }), "");
}

TEST(RouteGroup, refuses_a_pattern_that_would_lengthen_the_last_segment_of_its_prefix) {
  EXPECT_EQ(fault_of([](Router& router) { router.group("/api").get("users", ignore); }),
            "route 'GET /apiusers': the pattern must start with '/'");
  EXPECT_EQ(
      fault_of([](Router& router) { router.group("/api").route(Method::get, "{id}", [](Responder) {}); }),
      "route 'GET /api{id}': the pattern must start with '/'");
}

TEST(RouteGroup, checks_prefix_and_pattern_together) {
  EXPECT_EQ(fault_of([](Router& router) { router.group("/{id}").get("/{id}", ignore); }),
            "route 'GET /{id}/{id}': two parameters are called 'id'");
  EXPECT_EQ(fault_of([](Router& router) { router.group("/{all...}").get("/a", ignore); }),
            "route 'GET /{all...}/a': '{all...}' must be the last segment");
}

TEST(RouteGroup, runs_its_middleware_after_that_of_the_groups_around_it) {
  std::string trace;
  Router router;
  auto outer = router.group("/outer", {tracing(trace, "B"), tracing(trace, "C")});
  auto inner = outer.group("/inner", {tracing(trace, "D")});
  router.group("/sibling", {tracing(trace, "X")}).get("", ignore);
  inner.get("", ignore);
  outer.get("", ignore);
  router.get("/", ignore);
  router.use(tracing(trace, "A"));  // added last, but it applies to earlier routes too
  Site site(std::move(router));
  const auto trace_of = [&](std::string_view target) {
    trace.clear();
    site.get(target);
    return trace;
  };
  EXPECT_EQ(trace_of("/outer/inner"), "ABCD~D~C~B~A");
  EXPECT_EQ(trace_of("/outer"), "ABC~C~B~A");
  EXPECT_EQ(trace_of("/"), "A~A");
  EXPECT_EQ(trace_of("/outer/unknown"), "A~A");
  EXPECT_EQ(trace_of("/sibling"), "AX~X~A");
}

TEST(RouteGroup, supports_every_verb) {
  Router router;
  const auto name = [](const Request& request, Response& response) {
    response.text(to_string(request.method()));
  };
  router.group("/a").get("", name).post("", name).put("", name).patch("", name).del("", name);
  Site site(std::move(router));
  for (const Method method : {Method::get, Method::post, Method::put, Method::patch, Method::delete_}) {
    EXPECT_EQ(site.respond(method, "/a").body(), to_string(method));
  }
}

}  // namespace
}  // namespace chopin
