#include "routing/route_table.hpp"

#include <array>
#include <cstddef>
#include <random>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "fuzz/naive_match.hpp"
#include "http/prebuilt_response.hpp"
#include "http/response_writer.hpp"
#include "routing/fast_route_index.hpp"
#include "routing/site.hpp"

namespace chopin::routing {
namespace {

constexpr std::string_view every_method = "GET, HEAD, POST, PUT, DELETE, PATCH, OPTIONS";

/// Responds with the pattern and its parameters.
Handler naming(const std::string& pattern) {
  return [pattern](const Request& request, Response& response) {
    std::string text = pattern;
    for (const auto& [name, value] : request.params())
      text.append(" ").append(name).append("=").append(value);
    response.text(text);
  };
}

Router router_of(const std::vector<std::string>& patterns) {
  Router router;
  for (const std::string& pattern : patterns) router.get(pattern, naming(pattern));
  return router;
}

Site site_of(const std::vector<std::string>& patterns) {
  return Site(router_of(patterns));
}

/// The pattern that serves the path, with its parameters, or the status of the error.
std::string served_by(Site& site, std::string_view path) {
  const Response response = site.get(path);
  return response.status() == 200 ? std::string(response.body()) : std::to_string(response.status());
}

TEST(RouteTable, finds_an_exact_path_as_sent_if_decoding_would_not_change_it) {
  Router router = router_of({"/", "/items", "/.well-known/x", "/100%", "/a/{id}"});
  router.fast(FastRoute::text("/50%25", "x"));
  const RouteTable routes(std::move(router), Mode::standard);
  for (const char* path : {"/", "/items", "/.well-known/x"}) {
    const Endpoint* const endpoint = routes.find_as_sent(Method::get, path);
    std::vector<Param> params;
    EXPECT_NE(endpoint, nullptr) << path;
    EXPECT_EQ(endpoint, routes.find(Method::get, path, params).endpoint) << path;
    EXPECT_EQ(routes.find_as_sent(Method::post, path), nullptr) << path;
  }
  // As sent, "/100%" is malformed, and "/50%" too, which is "/50%25" decoded.
  for (const char* path : {"/100%", "/50%", "/50%25", "/a/{}", "/a/7", "/other", "*"}) {
    EXPECT_EQ(routes.find_as_sent(Method::get, path), nullptr) << path;
  }
}

TEST(RouteTable, prefers_text_to_a_parameter_to_the_rest) {
  Site site = site_of({"/items/{rest...}", "/items/{id}", "/items/new"});
  EXPECT_EQ(served_by(site, "/items/new"), "/items/new");
  EXPECT_EQ(served_by(site, "/items/7"), "/items/{id} id=7");
  EXPECT_EQ(served_by(site, "/items/newer"), "/items/{id} id=newer");
  EXPECT_EQ(served_by(site, "/items/7/edit"), "/items/{rest...} rest=7/edit");
  EXPECT_EQ(served_by(site, "/items/"), "/items/{rest...} rest=");
  EXPECT_EQ(served_by(site, "/items"), "404");
}

TEST(RouteTable, prefers_segment_by_segment_from_the_left) {
  Site site = site_of({"/a/{x}/{y}", "/{x}/b/c", "/a/{rest...}", "/{x}/{y}/c", "/a/{x}/c"});
  EXPECT_EQ(served_by(site, "/a/b/c"), "/a/{x}/c x=b");
  EXPECT_EQ(served_by(site, "/a/b/d"), "/a/{x}/{y} x=b y=d");
  EXPECT_EQ(served_by(site, "/a/b"), "/a/{rest...} rest=b");
  EXPECT_EQ(served_by(site, "/z/b/c"), "/{x}/b/c x=z");
  EXPECT_EQ(served_by(site, "/z/y/c"), "/{x}/{y}/c x=z y=y");
}

TEST(RouteTable, backtracks_if_a_branch_does_not_match) {
  Site site = site_of({"/a/b/c/d", "/a/{x}/c/e", "/{w}/b/{y}/f", "/{all...}"});
  EXPECT_EQ(served_by(site, "/a/b/c/d"), "/a/b/c/d");
  EXPECT_EQ(served_by(site, "/a/b/c/e"), "/a/{x}/c/e x=b");
  EXPECT_EQ(served_by(site, "/a/b/c/f"), "/{w}/b/{y}/f w=a y=c");
  EXPECT_EQ(served_by(site, "/a/b/c/g"), "/{all...} all=a/b/c/g");
  EXPECT_EQ(served_by(site, "/a/b"), "/{all...} all=a/b");
  EXPECT_EQ(served_by(site, "/"), "/{all...} all=");
}

TEST(RouteTable, matches_an_empty_segment_as_text_but_never_as_a_parameter) {
  Site site = site_of({"/", "/a/", "/a//b", "//", "/p/{x}", "/p/{x}/", "/q/{x}/{y}"});
  EXPECT_EQ(served_by(site, "/"), "/");
  EXPECT_EQ(served_by(site, "//"), "//");
  EXPECT_EQ(served_by(site, "///"), "404");
  EXPECT_EQ(served_by(site, "/a"), "404");
  EXPECT_EQ(served_by(site, "/a/"), "/a/");
  EXPECT_EQ(served_by(site, "/a//"), "404");
  EXPECT_EQ(served_by(site, "/a//b"), "/a//b");
  EXPECT_EQ(served_by(site, "/a/b"), "404");
  EXPECT_EQ(served_by(site, "/p"), "404");
  EXPECT_EQ(served_by(site, "/p/"), "404");
  EXPECT_EQ(served_by(site, "/p//"), "404");
  EXPECT_EQ(served_by(site, "/p/x"), "/p/{x} x=x");
  EXPECT_EQ(served_by(site, "/p/x/"), "/p/{x}/ x=x");
  EXPECT_EQ(served_by(site, "/p/x//"), "404");
  EXPECT_EQ(served_by(site, "/q//y"), "404");
  EXPECT_EQ(served_by(site, "/q/x/"), "404");
}

TEST(RouteTable, matches_everything_left_as_the_rest) {
  Site site = site_of({"/files/{path...}", "/{user}/x/{rest...}"});
  EXPECT_EQ(served_by(site, "/files/a/b/c.txt"), "/files/{path...} path=a/b/c.txt");
  EXPECT_EQ(served_by(site, "/files/a//b/"), "/files/{path...} path=a//b/");
  EXPECT_EQ(served_by(site, "/files//"), "/files/{path...} path=/");
  EXPECT_EQ(served_by(site, "/files/"), "/files/{path...} path=");
  EXPECT_EQ(served_by(site, "/files"), "404");
  EXPECT_EQ(served_by(site, "/anna/x/y/z"), "/{user}/x/{rest...} user=anna rest=y/z");
}

TEST(RouteTable, compares_decoded_paths) {
  Site site = site_of({"/caf\xc3\xa9", "/a b/{x}", "/100%"});
  EXPECT_EQ(served_by(site, "/caf%C3%A9"), "/caf\xc3\xa9");
  EXPECT_EQ(served_by(site, "/a%20b/%41%7Bx%7d"), "/a b/{x} x=A{x}");
  EXPECT_EQ(served_by(site, "/100%25"), "/100%");
  EXPECT_EQ(served_by(site, "/z/../a%20b/./c?q=/d"), "/a b/{x} x=c");
  EXPECT_EQ(served_by(site, "/A b/c"), "404");
}

TEST(RouteTable, takes_the_names_of_parameters_from_the_route_of_the_method) {
  Router router;
  router.get("/items/{id}", naming("get")).put("/items/{item}", naming("put"));
  Site site(std::move(router));
  EXPECT_EQ(site.get("/items/7").body(), "get id=7");
  EXPECT_EQ(site.respond(Method::put, "/items/7").body(), "put item=7");
  EXPECT_EQ(site.respond(Method::head, "/items/7").body(), "get id=7");
}

TEST(RouteTable, sets_no_parameters_if_no_route_matches) {
  const RouteTable table(router_of({"/a/{id}", "/b/{x}/{y}/c"}), Mode::standard);
  std::vector<Param> params{{"left", "over"}};
  for (const auto& [method, path] : {std::pair{Method::put, "/a/7"},
                                     {Method::options, "/a/7"},
                                     {Method::get, "/c"},
                                     {Method::get, "/b/x/y/d"},
                                     {Method::get, ""},
                                     {Method::connect, "h:1"}}) {
    EXPECT_EQ(table.find(method, path, params).endpoint, nullptr) << path;
    EXPECT_TRUE(params.empty()) << path;
  }
}

TEST(RouteTable, without_routes_responds_with_404) {
  Site site{Router()};
  EXPECT_EQ(site.get("/").status(), 404);
  EXPECT_EQ(site.get("/a/b").body(), error_text("NOT_FOUND", "there is no resource at this path"));
  EXPECT_EQ(site.respond(Method::options, "/a").status(), 404);
}

TEST(RouteTable, serves_head_with_the_get_route_if_there_is_no_head_route) {
  Router router;
  router.get("/a", naming("get a")).get("/b", naming("get b")).route(Method::head, "/b", naming("head b"));
  router.post("/c", naming("post c")).get("/{x}/d", naming("get d"));
  Site site(std::move(router));
  EXPECT_EQ(site.respond(Method::head, "/a").body(), "get a");
  EXPECT_EQ(site.respond(Method::head, "/b").body(), "head b");
  EXPECT_EQ(site.respond(Method::head, "/c").status(), 405);
  EXPECT_EQ(site.respond(Method::head, "/x/d").body(), "get d x=x");
  EXPECT_EQ(site.get("/b").body(), "get b");
}

TEST(RouteTable, responds_to_options_with_the_methods_of_the_path) {
  Router router;
  router.get("/a", naming("")).post("/a", naming("")).del("/{x}/y", naming(""));
  router.route(Method::options, "/own", naming("own"));
  Site site(std::move(router));
  const Response response = site.respond(Method::options, "/a");
  EXPECT_EQ(response.status(), 204);
  EXPECT_EQ(response.field_lines(), "Allow: GET, HEAD, POST, OPTIONS\r\n");
  EXPECT_EQ(response.body(), "");
  EXPECT_EQ(field_of(site.respond(Method::options, "/x/y"), "Allow"), "DELETE, OPTIONS");
  EXPECT_EQ(site.respond(Method::options, "/own").body(), "own");
}

TEST(RouteTable, lists_all_methods_of_the_path_on_a_405) {
  Router router;
  router.fast(FastRoute::text("/a", "")).put("/a", naming(""));
  router.group("/b").patch("/{x}", naming(""));
  router.post("/b/{y}", naming(""));
  for (const Mode mode : {Mode::standard, Mode::performance}) {
    Site site(router, mode);
    const Response response = site.respond(Method::post, "/a");
    EXPECT_EQ(response.status(), 405);
    EXPECT_EQ(response.body(),
              error_text("METHOD_NOT_ALLOWED", "the resource does not implement this method"));
    EXPECT_EQ(response.field_lines(), "Allow: GET, HEAD, PUT, OPTIONS\r\n");
    EXPECT_EQ(field_of(site.get("/b/7"), "Allow"), "POST, PATCH, OPTIONS");
    for (const Method method : {Method::connect, Method::trace, Method::unknown}) {
      EXPECT_EQ(site.respond(method, "/a").status(), 405);
      EXPECT_EQ(field_of(site.respond(method, "/a"), "Allow"), "GET, HEAD, PUT, OPTIONS");
    }
  }
}

TEST(RouteTable, chooses_among_the_routes_of_the_method) {
  Router router;
  router.fast(FastRoute::text("/items/new", "form"));
  router.del("/items/{id}", naming("delete")).post("/{any...}", naming("post"));
  Site site(std::move(router));
  EXPECT_EQ(site.get("/items/new").body(), "form");
  EXPECT_EQ(site.respond(Method::delete_, "/items/new").body(), "delete id=new");
  EXPECT_EQ(site.respond(Method::post, "/items/new").body(), "post any=items/new");
  const Response response = site.respond(Method::put, "/items/new");
  EXPECT_EQ(response.status(), 405);
  EXPECT_EQ(field_of(response, "Allow"), "GET, HEAD, POST, DELETE, OPTIONS");
  EXPECT_EQ(field_of(site.respond(Method::options, "/items/7"), "Allow"), "POST, DELETE, OPTIONS");
}

TEST(RouteTable, responds_to_options_for_the_whole_server) {
  Site site = site_of({"/a", "/{rest...}"});
  const Response response = site.respond(Method::options, "*");
  EXPECT_EQ(response.status(), 204);
  EXPECT_EQ(field_of(response, "Allow"), every_method);
}

TEST(RouteTable, responds_to_connect_and_trace_with_405_for_any_target) {
  Site site = site_of({"/a"});
  for (const auto& [method, target] : {std::pair{Method::connect, "example.com:443"},
                                       {Method::connect, "[::1]:80"},
                                       {Method::trace, "/unknown"}}) {
    const Response response = site.respond(method, target);
    EXPECT_EQ(response.status(), 405) << target;
    EXPECT_EQ(field_of(response, "Allow"), every_method) << target;
  }
}

TEST(RouteTable, serves_fast_routes_under_every_spelling_of_their_path) {
  Router router;
  router.fast(FastRoute::text("/caf%C3%A9", "coffee"));
  for (const Mode mode : {Mode::standard, Mode::performance}) {
    Site site(router, mode);
    for (const std::string_view target : {"/caf%C3%A9", "/caf%c3%a9", "/%63af%C3%A9?q", "/x/../caf%C3%A9"}) {
      EXPECT_EQ(site.get(target).body(), "coffee") << target;
    }
    EXPECT_EQ(site.get("/cafe").status(), 404);
  }
}

TEST(RouteTable, composes_the_same_bytes_for_fast_routes_as_are_prebuilt) {
  const http::HttpDate date(784111777);
  Router router;
  router.fast(FastRoute::text("/text", "text").header("X-A", "1").cors().cache_control("no-store"));
  router.fast(
      FastRoute::json("/json", [](JsonWriter& out) { out.begin_object().member("a", 1).end_object(); }));
  router.fast(FastRoute::raw("/raw", "", "application/octet-stream").methods({Method::options, Method::put}));
  router.post("/text", naming(""));
  Site site(router, Mode::performance);
  http::PrebuiltResponses responses;
  const FastRouteIndex index(site.table(), Mode::performance, ResponseClass::prebuilt, responses);
  http::DatedResponses prebuilt(responses);
  prebuilt.set_date(date.text());
  std::size_t compared = 0;
  for (const std::string_view path : {"/text", "/json", "/raw"}) {
    for (const Method method : implementable_methods) {
      const auto* const fast = index.find(method, path);
      if (fast == nullptr) continue;
      const Response response = site.respond(method, path);
      const http::ResponseWriter writer{.response = response, .date = date};
      std::string bytes(writer.most_bytes(), '\0');
      bytes.resize(static_cast<std::size_t>(writer.write(bytes.data()) - bytes.data()));
      EXPECT_EQ(bytes, prebuilt.bytes(fast->prebuilt, http::Persistence::keep_alive, false))
          << to_string(method) << path;
      ++compared;
    }
  }
  EXPECT_EQ(compared, 7U);
}

TEST(RouteTable, leaves_the_other_methods_of_a_fast_routes_path_to_the_router) {
  Router router;
  router.fast(FastRoute::text("/a", "fast").get_only())
      .post("/a", naming("posted"))
      .get("/{x}", naming("param"));
  Site site(std::move(router), Mode::performance);
  EXPECT_EQ(site.get("/a").body(), "fast");
  EXPECT_EQ(site.respond(Method::head, "/a").body(), "fast");
  EXPECT_EQ(site.respond(Method::post, "/a").body(), "posted");
  EXPECT_EQ(site.get("/b").body(), "param x=b");
}

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

/// Routes made of few different segments, so that many match the same paths.
class RandomRoutes {
 public:
  explicit RandomRoutes(std::size_t count) {
    std::set<std::string> shapes;
    while (patterns_.size() < count) {
      std::string pattern = "/" + text();  // or one pattern would match every path
      std::string shape = pattern;
      const std::size_t segments = below(5);
      for (std::size_t i = 0; i < segments; ++i) {
        const std::string name = "p" + std::to_string(below(3)) + std::to_string(i);
        const std::size_t kind = below(10);
        const bool is_rest = kind == 0 && i + 1 == segments;
        const std::string text = this->text();
        pattern += '/' + (is_rest ? "{" + name + "...}" : kind < 4 ? "{" + name + "}" : text);
        shape += '/' + (is_rest ? "{...}" : kind < 4 ? "{}" : text);
      }
      if (shapes.insert(shape).second) patterns_.push_back(pattern);
    }
  }

  [[nodiscard]] const std::vector<std::string>& patterns() const noexcept { return patterns_; }

  std::string path() {
    std::string path;
    const std::size_t segments = below(7) + 1;
    for (std::size_t i = 0; i < segments; ++i) path += '/' + (below(8) == 0 ? "other" : text());
    return path;
  }

 private:
  std::size_t below(std::size_t limit) { return static_cast<std::size_t>(generator_()) % limit; }
  std::string text() {
    return std::array<std::string, 6>{"a", "b", "ab", "", "c", "long-text-segment"}[below(6)];
  }

  std::mt19937 generator_{20260101};
  std::vector<std::string> patterns_;
};

TEST(RouteTable, agrees_with_a_matcher_that_tries_every_pattern) {
  RandomRoutes routes(1000);
  const RouteTable table(router_of(routes.patterns()), Mode::standard);
  std::vector<Param> params;
  std::set<std::size_t> matched;
  std::size_t missed = 0;
  for (int i = 0; i < 5000; ++i) {
    const std::string path = routes.path();
    const auto expected = fuzz::naive_match(routes.patterns(), path);
    const auto found = table.find(Method::get, path, params);
    ASSERT_EQ(found.endpoint != nullptr, expected.has_value()) << path;
    if (!expected) {
      ++missed;
      continue;
    }
    Request request({.path = path, .params = params});
    Response response;
    table.dispatch(found, request, response);
    Response wanted;
    naming(routes.patterns()[expected->pattern])(Request({.params = expected->params}), wanted);
    ASSERT_EQ(response.body(), wanted.body()) << path;
    matched.insert(expected->pattern);
  }
  EXPECT_GT(matched.size(), 300U);
  EXPECT_GT(missed, 300U);
}

}  // namespace
}  // namespace chopin::routing
