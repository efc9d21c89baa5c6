#include <string_view>
#include <utility>

#include <gtest/gtest.h>

#include "routing/named_routes.hpp"
#include "routing/route_table.hpp"
#include "routing/site.hpp"

namespace chopin::routing {
namespace {

constexpr std::string_view every_method = "GET, HEAD, POST, PUT, DELETE, PATCH, OPTIONS";

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

}  // namespace
}  // namespace chopin::routing
