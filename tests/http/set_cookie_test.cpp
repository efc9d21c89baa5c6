#include "http/set_cookie.hpp"

#include <chrono>
#include <stdexcept>
#include <string>

#include <gtest/gtest.h>

#include "chopin/response.hpp"

namespace chopin {
namespace {

using namespace std::chrono_literals;
using SameSite = Cookie::SameSite;

std::string lines_for(const Cookie& cookie) {
  return std::string(Response().cookie(cookie).field_lines());
}

TEST(SetCookie, is_hidden_from_scripts_and_other_sites_forms_unless_told_otherwise) {
  EXPECT_EQ(lines_for({.name = "a", .value = "1"}), "Set-Cookie: a=1; Path=/; HttpOnly; SameSite=Lax\r\n");
  EXPECT_EQ(lines_for({.name = "a", .value = "", .http_only = false, .same_site = SameSite::strict}),
            "Set-Cookie: a=; Path=/; SameSite=Strict\r\n");
}

TEST(SetCookie, has_every_attribute_that_is_given) {
  EXPECT_EQ(lines_for({.name = "__Secure-a",
                       .value = "x=y",
                       .path = "/b",
                       .domain = "example.com",
                       .max_age = 8h,
                       .secure = true,
                       .same_site = SameSite::none}),
            "Set-Cookie: __Secure-a=x=y; Path=/b; Domain=example.com; Max-Age=28800; Secure; HttpOnly; "
            "SameSite=None\r\n");
}

TEST(SetCookie, removes_a_cookie_with_an_age_of_zero) {
  for (const auto age : {0s, -1s}) {
    EXPECT_NE(lines_for({.name = "a", .value = "", .max_age = age}).find("; Max-Age=0;"), std::string::npos);
  }
}

TEST(SetCookie, may_be_added_several_times) {
  Response response;
  response.cookie({.name = "a", .value = "1"}).cookie({.name = "a", .value = "2"});
  EXPECT_NE(response.field_lines().find("a=1"), std::string::npos);
  EXPECT_NE(response.field_lines().find("a=2"), std::string::npos);
}

TEST(SetCookie, refuses_what_browsers_would_refuse_or_misread) {
  const std::string most(4095, 'x');
  EXPECT_NO_THROW(lines_for({.name = "a", .value = most}));
  for (const Cookie& cookie : {Cookie{.name = "", .value = "1"},
                               Cookie{.name = "a b", .value = "1"},
                               Cookie{.name = "a=", .value = "1"},
                               Cookie{.name = "a", .value = "1;2"},
                               Cookie{.name = "a", .value = "1 2"},
                               Cookie{.name = "a", .value = "1,2"},
                               Cookie{.name = "a", .value = "\"1\""},
                               Cookie{.name = "a", .value = "\r\n"},
                               Cookie{.name = "a", .value = "\xc3\xa9"},
                               Cookie{.name = "a", .value = most + "x"},
                               Cookie{.name = "a", .value = "1", .path = ""},
                               Cookie{.name = "a", .value = "1", .path = "/;x"},
                               Cookie{.name = "a", .value = "1", .path = "/a "},
                               Cookie{.name = "a", .value = "1", .path = "/" + std::string(1024, 'x')},
                               Cookie{.name = "a", .value = "1", .domain = "."},
                               Cookie{.name = "a", .value = "1", .path = "/\r\n"},
                               Cookie{.name = "a", .value = "1", .domain = "a;b"},
                               Cookie{.name = "a", .value = "1", .same_site = SameSite::none},
                               Cookie{.name = "__Host-a", .value = "1"},
                               Cookie{.name = "__secure-a", .value = "1"},
                               Cookie{.name = "__host-a", .value = "1", .path = "/b", .secure = true},
                               Cookie{.name = "__Host-a", .value = "1", .domain = "b", .secure = true}}) {
    EXPECT_THROW(lines_for(cookie), std::invalid_argument) << cookie.name << '=' << cookie.value;
  }
}

}  // namespace
}  // namespace chopin
