#include "chopin/fast_route.hpp"

#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "http/canned_response.hpp"
#include "routing/fast_route_index.hpp"

namespace chopin {
namespace {

/// What is said about a table with this route, empty where nothing is.
std::string fault_of(std::vector<FastRoute> routes) {
  try {
    const FastRouteTable table(std::move(routes));
    return {};
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
}

TEST(FastRouteTable, refuses_what_no_answer_could_carry) {
  EXPECT_EQ(fault_of({FastRoute::text("a", "")}), "FastRoute 'a': the path must start with '/'");
  EXPECT_EQ(fault_of({FastRoute::text("/a b", "")}),
            "FastRoute '/a b': the path holds a byte that no request path can carry");
  EXPECT_EQ(fault_of({FastRoute::text("/a?b", "")}),
            "FastRoute '/a?b': the path holds a byte that no request path can carry");
  EXPECT_EQ(fault_of({FastRoute::text("/a", ""), FastRoute::json("/a", "")}),
            "FastRoute '/a': the path is there twice");
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
            "FastRoute '/a': cors() answers OPTIONS, methods() must not allow it too");
}

/// A table's answers, with a Date of spaces.
class Answers {
 public:
  explicit Answers(std::vector<FastRoute> routes)
      : index_(FastRouteTable(std::move(routes)), responses_), dated_(responses_) {
    dated_.set_date("Sun, 06 Nov 1994 08:49:37 GMT");
  }

  std::string operator()(Method method, std::string_view path) const {
    return std::string(dated_.bytes(index_.answer(method, path), http::Persistence::keep_alive, false));
  }

 private:
  http::CannedResponses responses_;
  routing::FastRouteIndex index_;
  http::DatedResponses dated_;
};

TEST(FastRoute, carries_its_decorators_in_the_order_of_the_calls) {
  const Answers answer({FastRoute::html("/x", "<p>").header("X-A", "1").cors().cache_control("no-store")});
  EXPECT_EQ(
      answer(Method::get, "/x"),
      "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: 3\r\nServer: chopin\r\n"
      "X-A: 1\r\nAccess-Control-Allow-Origin: *\r\nCache-Control: no-store\r\n"
      "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n\r\n<p>");
}

TEST(FastRoute, with_cors_answers_the_preflight) {
  const Answers answer({FastRoute::json("/x", "{}").cors()});
  EXPECT_EQ(answer(Method::options, "/x"),
            "HTTP/1.1 204 No Content\r\nServer: chopin\r\nAllow: GET, HEAD, OPTIONS\r\n"
            "Access-Control-Allow-Origin: *\r\n"
            "Access-Control-Allow-Methods: GET, HEAD, POST, PUT, DELETE, PATCH, OPTIONS\r\n"
            "Access-Control-Allow-Headers: Content-Type, Authorization\r\nAccess-Control-Max-Age: 86400\r\n"
            "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n\r\n");
}

TEST(FastRoute, without_cors_answers_options_with_what_is_allowed) {
  const Answers answer({FastRoute::json("/x", "{}").methods({Method::post, Method::get})});
  EXPECT_EQ(answer(Method::options, "/x"),
            "HTTP/1.1 204 No Content\r\nServer: chopin\r\nAllow: GET, POST, OPTIONS\r\n"
            "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n\r\n");
  EXPECT_TRUE(answer(Method::post, "/x").starts_with("HTTP/1.1 200 "));
  EXPECT_TRUE(answer(Method::head, "/x").starts_with("HTTP/1.1 405 "));
}

TEST(FastRoute, names_the_allowed_methods_when_another_is_used) {
  const Answers answer({FastRoute::json("/x", "{}").methods({Method::post}).get_only()});
  for (const Method method : {Method::post, Method::put, Method::delete_, Method::patch, Method::trace}) {
    const std::string bytes = answer(method, "/x");
    EXPECT_TRUE(bytes.starts_with("HTTP/1.1 405 Method Not Allowed\r\n")) << bytes;
    EXPECT_NE(bytes.find("\r\nAllow: GET, HEAD, OPTIONS\r\n"), std::string::npos) << bytes;
  }
}

TEST(FastRouteIndex, finds_every_path_and_no_other) {
  std::vector<FastRoute> routes;
  std::vector<std::string> paths{"/",     "/a",       "/ab",       "/abc",
                                 "/abcd", "/abcdefg", "/abcdefgh", "/0123456789abcdef"};
  for (int i = 0; i < 2000; ++i)
    paths.push_back("/items/with/the/same/ends/" + std::to_string(i) + "/detail/view");
  for (const std::string& path : paths) routes.push_back(FastRoute::text(path, path));
  const Answers answer(std::move(routes));
  for (const std::string& path : paths) {
    EXPECT_TRUE(answer(Method::get, path).ends_with("\r\n\r\n" + path)) << path;
    EXPECT_TRUE(answer(Method::get, path + "x").starts_with("HTTP/1.1 404 ")) << path;
    std::string other = path;
    other[other.size() / 2] = '~';
    EXPECT_TRUE(answer(Method::get, other).starts_with("HTTP/1.1 404 ")) << other;
  }
  EXPECT_TRUE(answer(Method::get, "").starts_with("HTTP/1.1 404 "));
}

TEST(FastRouteIndex, answers_for_the_whole_server) {
  const Answers answer({});
  const std::string everything = "\r\nAllow: GET, HEAD, POST, PUT, DELETE, PATCH, OPTIONS\r\n";
  EXPECT_TRUE(answer(Method::options, "*").starts_with("HTTP/1.1 204 "));
  EXPECT_NE(answer(Method::options, "*").find(everything), std::string::npos);
  EXPECT_TRUE(answer(Method::connect, "").starts_with("HTTP/1.1 405 "));
  EXPECT_TRUE(answer(Method::trace, "/nowhere").starts_with("HTTP/1.1 405 "));
  EXPECT_NE(answer(Method::trace, "/nowhere").find(everything), std::string::npos);
}

}  // namespace
}  // namespace chopin
