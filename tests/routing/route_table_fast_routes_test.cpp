#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include <gtest/gtest.h>

#include "http/prebuilt_response.hpp"
#include "http/response_writer.hpp"
#include "routing/fast_route_index.hpp"
#include "routing/named_routes.hpp"
#include "routing/route_table.hpp"
#include "routing/site.hpp"

namespace chopin::routing {
namespace {

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

}  // namespace
}  // namespace chopin::routing
