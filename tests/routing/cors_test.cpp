#include <array>
#include <chrono>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include <gtest/gtest.h>

#include "chopin/middleware.hpp"
#include "routing/site.hpp"

namespace chopin {
namespace {

using routing::field_of;
using routing::Site;

constexpr std::string_view allow_origin = "Access-Control-Allow-Origin";
constexpr std::string_view expose = "Access-Control-Expose-Headers";
constexpr std::string_view allow_fields = "Access-Control-Allow-Headers";

Site site_with(const CorsOptions& options, bool has_request_ids = false) {
  Router router;
  router.use(middleware::cors("", options));
  if (has_request_ids) router.use(middleware::request_id(""));
  router.get("/", [](const Request&, Response& response) { response.text("x"); });
  router.get("/own", [](const Request&, Response& response) { response.field(allow_origin, "*"); });
  return Site(std::move(router));
}

Response respond(Site& site, Method method, std::string_view path, std::string_view origin) {
  const std::array fields{Field{"origin", origin}};
  return site.respond(method, path, fields);
}

TEST(Cors, allows_the_origins_of_a_list_and_says_that_it_depends_on_them) {
  Site site = site_with({.origins = {"https://a.example", "http://b.example:8080"}});
  for (const std::string_view origin : {"https://a.example", "http://b.example:8080"}) {
    for (const std::string_view path : {"/", "/own", "/unknown"}) {
      const Response response = respond(site, Method::get, path, origin);
      EXPECT_EQ(field_of(response, allow_origin), origin) << path;
      EXPECT_EQ(field_of(response, "Vary"), "Origin") << path;
      EXPECT_EQ(field_of(response, "Access-Control-Allow-Credentials"), "") << path;
    }
    EXPECT_EQ(field_of(respond(site, Method::options, "/", origin), allow_origin), origin);
  }
  for (const std::string_view origin : {"", "https://c.example", "http://a.example", "https://a.example:443",
                                        "null", "https://a.example, https://c.example", "*"}) {
    for (const Method method : {Method::get, Method::options}) {
      const Response response = respond(site, method, "/own", origin);
      EXPECT_EQ(response.field_lines().find("Access-Control-"), std::string_view::npos) << origin;
      EXPECT_EQ(field_of(response, "Vary"), "Origin") << origin;
    }
  }
}

TEST(Cors, allows_credentials_only_where_it_allows_the_origin) {
  Site site = site_with({.origins = {"https://a.example"}, .credentials = true});
  EXPECT_EQ(
      field_of(respond(site, Method::get, "/", "https://a.example"), "Access-Control-Allow-Credentials"),
      "true");
  EXPECT_EQ(
      field_of(respond(site, Method::options, "/", "https://a.example"), "Access-Control-Allow-Credentials"),
      "true");
  EXPECT_EQ(
      field_of(respond(site, Method::get, "/", "https://b.example"), "Access-Control-Allow-Credentials"), "");
}

TEST(Cors, names_fields_and_age_in_preflights_and_exposed_fields_elsewhere) {
  Site site = site_with({.fields = {"X-One", "X-Two"},
                         .exposed_fields = {"ETag", "X-Three"},
                         .max_age = std::chrono::minutes(1)});
  const Response preflight = site.respond(Method::options, "/");
  EXPECT_EQ(field_of(preflight, allow_origin), "*");
  EXPECT_EQ(field_of(preflight, allow_fields), "X-One, X-Two");
  EXPECT_EQ(field_of(preflight, "Access-Control-Max-Age"), "60");
  EXPECT_EQ(field_of(preflight, expose), "");
  EXPECT_EQ(site.get("/").field_lines(),
            "Access-Control-Allow-Origin: *\r\nAccess-Control-Expose-Headers: ETag, X-Three\r\n");
  EXPECT_EQ(field_of(site_with({.fields = {}}).respond(Method::options, "/"), allow_fields), "");
}

TEST(Cors, lets_scripts_send_and_read_request_ids_where_there_are_some) {
  Site site = site_with({}, true);
  EXPECT_EQ(field_of(site.get("/"), expose), "X-Request-Id");
  EXPECT_EQ(field_of(site.get("/unknown"), expose), "X-Request-Id");
  EXPECT_EQ(field_of(site.respond(Method::options, "/"), allow_fields),
            "Content-Type, Authorization, X-Request-Id");
  Site other = site_with({.fields = {}, .exposed_fields = {"ETag"}}, true);
  EXPECT_EQ(field_of(other.get("/"), expose), "ETag, X-Request-Id");
  EXPECT_EQ(field_of(other.respond(Method::options, "/"), allow_fields), "X-Request-Id");
  EXPECT_EQ(field_of(site_with({}).get("/"), expose), "");
}

TEST(Cors, completes_refusals_for_the_origins_that_it_allows) {
  const auto refusal_of = [](const CorsOptions& options, std::string_view origin) {
    const Middleware layer = middleware::cors("", options);
    Response response;
    layer.on_refusal(origin, response);
    return std::string(response.field_lines());
  };
  EXPECT_EQ(refusal_of({}, ""), "Access-Control-Allow-Origin: *\r\n");
  EXPECT_EQ(refusal_of({}, "https://a.example"), "Access-Control-Allow-Origin: *\r\n");
  const CorsOptions list{.origins = {"https://a.example"}};
  EXPECT_EQ(refusal_of(list, ""), "Vary: Origin\r\n");
  EXPECT_EQ(refusal_of(list, "https://a.example"),
            "Vary: Origin\r\nAccess-Control-Allow-Origin: https://a.example\r\n");
}

TEST(Cors, refuses_options_that_cannot_work) {
  const auto fault_of = [](const CorsOptions& options) -> std::string {
    try {
      (void)middleware::cors("", options);
      return "";
    } catch (const std::invalid_argument& error) {
      return error.what();
    }
  };
  EXPECT_EQ(fault_of({.origins = {"https://a.example", "http://localhost:3000", "http://[::1]"}}), "");
  EXPECT_EQ(fault_of({.origins = {}}), "cors: there is no origin");
  EXPECT_EQ(fault_of({.origins = {"*", "https://a.example"}}), "cors: '*' must be the only origin");
  EXPECT_EQ(fault_of({.credentials = true}), "cors: credentials need a list of origins, not '*'");
  for (const char* origin : {"", "a.example", "https://", "https://a.example/", "https://A.example", "null",
                             "https://a.example, https://b.example", "https://a b", "https://u@a.example"}) {
    EXPECT_EQ(
        fault_of({.origins = {origin}}),
        "cors: '" + std::string(origin) + "' is not an origin; give '*', or one like 'https://example.com'");
  }
  EXPECT_EQ(fault_of({.fields = {"X Y"}}), "cors: 'X Y' is not a field name");
  EXPECT_EQ(fault_of({.exposed_fields = {""}}), "cors: '' is not a field name");
  EXPECT_EQ(fault_of({.max_age = std::chrono::seconds(-1)}), "cors: max_age is negative");
}

}  // namespace
}  // namespace chopin
