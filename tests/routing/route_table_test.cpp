#include "routing/route_table.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "routing/named_routes.hpp"
#include "routing/site.hpp"

namespace chopin::routing {
namespace {

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

}  // namespace
}  // namespace chopin::routing
