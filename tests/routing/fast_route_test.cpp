#include "chopin/fast_route.hpp"

#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "chopin/router.hpp"
#include "http/prebuilt_response.hpp"
#include "routing/fast_route_index.hpp"

namespace chopin {
namespace {

/// The message of the exception that adding these routes throws, empty if it throws none.
std::string fault_of(std::vector<FastRoute> routes) {
  try {
    Router router;
    for (FastRoute& route : routes) router.fast(std::move(route));
    return {};
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
}

TEST(FastRoute, is_refused_if_path_fields_or_methods_are_invalid) {
  EXPECT_EQ(fault_of({FastRoute::text("a", "")}), "FastRoute 'a': the path must start with '/'");
  EXPECT_EQ(fault_of({FastRoute::text("/a b", "")}),
            "FastRoute '/a b': the path holds a byte that no request path can carry");
  EXPECT_EQ(fault_of({FastRoute::text("/a?b", "")}),
            "FastRoute '/a?b': the path holds a byte that no request path can carry");
  EXPECT_EQ(fault_of({FastRoute::text("/a", ""), FastRoute::json("/a", "")}),
            "FastRoute '/a': the path is there twice");
  EXPECT_EQ(fault_of({FastRoute::text("/a", ""), FastRoute::json("/%61", "").methods({Method::post})}),
            "FastRoute '/%61': the path is there twice");
  EXPECT_EQ(fault_of({FastRoute::text("/{a}", "")}),
            "FastRoute '/{a}': a fast route's path is exact, without braces");
  EXPECT_EQ(fault_of({FastRoute::text("/%7Ba%7d", "")}),
            "FastRoute '/%7Ba%7d': a fast route's path is exact, without braces");
  EXPECT_EQ(fault_of({FastRoute::text("/b/../a", "")}), "FastRoute '/b/../a': the path has dot segments");
  EXPECT_EQ(fault_of({FastRoute::text("/b/%2e%2E/a", "")}),
            "FastRoute '/b/%2e%2E/a': the path has dot segments");
  EXPECT_EQ(fault_of({FastRoute::text("/a/%2e", "")}), "FastRoute '/a/%2e': the path has dot segments");
  EXPECT_EQ(fault_of({FastRoute::text("/caf%C3%A9/%25/.a", "")}), "");
  EXPECT_EQ(fault_of({FastRoute::text("/%2f", "")}),
            "FastRoute '/%2f': encoded slash, backslash or control byte in the path");
  EXPECT_EQ(fault_of({FastRoute::text("/a", "").header("X Y", "1")}),
            "FastRoute '/a': illegal field name 'X Y'");
  EXPECT_EQ(fault_of({FastRoute::text("/a", "").header("", "1")}), "FastRoute '/a': illegal field name ''");
  EXPECT_EQ(fault_of({FastRoute::text("/a", "").header("X", "1\r\nY: 2")}),
            "FastRoute '/a': illegal value of the field 'X'");
  EXPECT_EQ(fault_of({FastRoute::text("/a", "").cache_control("no\nstore")}),
            "FastRoute '/a': illegal value of the field 'Cache-Control'");
  EXPECT_EQ(fault_of({FastRoute::text("/a", "").header("content-length", "1")}),
            "FastRoute '/a': the server itself writes the field 'content-length'");
  EXPECT_EQ(fault_of({FastRoute::raw("/a", "", "text/\r\n")}),
            "FastRoute '/a': illegal content type 'text/\r\n'");
  EXPECT_EQ(fault_of({FastRoute::text("/a", "").methods({})}), "FastRoute '/a': no method is allowed");
  EXPECT_EQ(fault_of({FastRoute::text("/a", "").methods({Method::trace})}),
            "FastRoute '/a': only GET, HEAD, POST, PUT, DELETE, PATCH and OPTIONS can be allowed");
  EXPECT_EQ(fault_of({FastRoute::text("/a", "").cors().methods({Method::options})}),
            "FastRoute '/a': cors() handles OPTIONS, methods() must not allow it too");
}

/// The prebuilt responses of fast routes; an empty text for requests left to the router.
class PrebuiltRoutes {
 public:
  explicit PrebuiltRoutes(std::vector<FastRoute> routes)
      : table_(router_of(std::move(routes)), Mode::performance),
        index_(table_, Mode::performance, ResponseClass::prebuilt, responses_),
        dated_(responses_) {
    dated_.set_date("Sun, 06 Nov 1994 08:49:37 GMT");
  }

  std::string operator()(Method method, std::string_view path) const {
    const auto* const fast = index_.find(method, path);
    if (fast == nullptr) return {};
    return std::string(dated_.bytes(fast->prebuilt, http::Persistence::keep_alive, false));
  }

 private:
  static Router router_of(std::vector<FastRoute> routes) {
    Router router;
    for (FastRoute& route : routes) router.fast(std::move(route));
    return router;
  }

  routing::RouteTable table_;
  http::PrebuiltResponses responses_;
  routing::FastRouteIndex index_;
  http::DatedResponses dated_;
};

TEST(FastRoute, writes_its_decorators_in_the_order_of_the_calls) {
  const PrebuiltRoutes bytes_of(
      {FastRoute::html("/x", "<p>").header("X-A", "1").cors().cache_control("no-store")});
  EXPECT_EQ(
      bytes_of(Method::get, "/x"),
      "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: 3\r\nServer: chopin\r\n"
      "X-A: 1\r\nAccess-Control-Allow-Origin: *\r\nCache-Control: no-store\r\n"
      "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n\r\n<p>");
}

TEST(FastRoute, with_cors_responds_to_the_preflight) {
  const PrebuiltRoutes bytes_of({FastRoute::json("/x", "{}").cors()});
  EXPECT_EQ(bytes_of(Method::options, "/x"),
            "HTTP/1.1 204 No Content\r\nServer: chopin\r\nAllow: GET, HEAD, OPTIONS\r\n"
            "Access-Control-Allow-Origin: *\r\n"
            "Access-Control-Allow-Methods: GET, HEAD, POST, PUT, DELETE, PATCH, OPTIONS\r\n"
            "Access-Control-Allow-Headers: Content-Type, Authorization\r\nAccess-Control-Max-Age: 86400\r\n"
            "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n\r\n");
}

TEST(FastRoute, leaves_every_other_method_to_the_router) {
  const PrebuiltRoutes bytes_of({FastRoute::json("/x", "{}").methods({Method::post, Method::get})});
  EXPECT_TRUE(bytes_of(Method::post, "/x").starts_with("HTTP/1.1 200 "));
  for (const Method method : {Method::head, Method::put, Method::options, Method::trace}) {
    EXPECT_EQ(bytes_of(method, "/x"), "") << to_string(method);
  }
}

TEST(FastRoute, takes_its_body_from_the_function_that_writes_it) {
  const FastRoute route =
      FastRoute::json("/x", [](JsonWriter& out) { out.begin_object().member("a", 1).end_object(); });
  EXPECT_EQ(route.body(), R"({"a":1})");
}

TEST(FastRouteIndex, finds_every_path_and_no_other) {
  std::vector<FastRoute> routes;
  std::vector<std::string> paths{"/",     "/a",       "/ab",       "/abc",
                                 "/abcd", "/abcdefg", "/abcdefgh", "/0123456789abcdef"};
  for (int i = 0; i < 2000; ++i)
    paths.push_back("/items/with/the/same/ends/" + std::to_string(i) + "/detail/view");
  for (const std::string& path : paths) routes.push_back(FastRoute::text(path, path));
  const PrebuiltRoutes bytes_of(std::move(routes));
  for (const std::string& path : paths) {
    EXPECT_TRUE(bytes_of(Method::get, path).ends_with("\r\n\r\n" + path)) << path;
    EXPECT_TRUE(bytes_of(Method::get, path + "x").empty()) << path;
    std::string other = path;
    other[other.size() / 2] = '~';
    EXPECT_TRUE(bytes_of(Method::get, other).empty()) << other;
  }
  EXPECT_TRUE(bytes_of(Method::get, "").empty());
}

}  // namespace
}  // namespace chopin
