#include "app/user_routes.hpp"

#include <chrono>
#include <string>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

#include <gtest/gtest.h>

#include "app/user_routes_case.hpp"
#include "app/user_site.hpp"
#include "chopin/token.hpp"

namespace chopin::test {
namespace {

using namespace std::chrono_literals;

INSTANTIATE_TEST_SUITE_P(, UserRoutesOn, testing::Values("SQLite", "PostgreSQL"), name_of_user_database);

TEST_P(UserRoutesOn, sign_up_log_in_and_say_who_one_is) {
  const UserSite site(user_config(database.config()));
  const Response signed_up = site.sign_up("anna", "Anna@Example.com");
  EXPECT_EQ(signed_up.status, 201) << signed_up.body;
  EXPECT_EQ(signed_up.field("Cache-Control"), "no-store");
  const SeenSession first = session_of(signed_up);
  EXPECT_EQ(first.user.username, "anna");
  EXPECT_EQ(first.user.email, "anna@example.com");

  const Response logged_in = site.log_in("ANNA@example.com");
  EXPECT_EQ(logged_in.status, 200) << logged_in.body;
  const SeenSession second = session_of(logged_in);
  EXPECT_EQ(second.user.id, first.user.id);
  EXPECT_NE(second.access_token, first.access_token);
  EXPECT_NE(second.refresh_token, first.refresh_token);

  for (const SeenSession& session : {first, second}) {
    const Response me = site.me(session.access_token);
    EXPECT_EQ(me.status, 200);
    EXPECT_EQ(data_of<SeenUser>(me).id, first.user.id);
    EXPECT_EQ(data_of<SeenUser>(me).email, "anna@example.com");
  }
}

TEST_P(UserRoutesOn, give_tokens_that_last_as_long_as_the_settings_say) {
  Config config = user_config(database.config());
  config.auth.token_expiry = 90s;
  const UserSite site(config);
  const auto before = current_second();
  const SeenSession session = session_of(site.sign_up("anna", "anna@example.com"));
  const auto read = TokenKeys(token_secret).verify(session.access_token, std::chrono::system_clock::now());
  ASSERT_TRUE(std::holds_alternative<Claims>(read));
  const auto& claims = std::get<Claims>(read);
  EXPECT_EQ(claims.subject, session.user.id);
  EXPECT_EQ(claims.expires - *claims.issued, 90s);
  EXPECT_GE(*claims.issued, before);
  EXPECT_EQ(claims.roles, std::vector<std::string>{"user"});
  EXPECT_FALSE(claims.id.empty());
  // The selector, with which the session could be ended, is not in it.
  EXPECT_EQ(session.refresh_token.find(claims.family), std::string::npos);
}

TEST_P(UserRoutesOn, refuse_a_name_or_an_address_that_is_taken_whatever_its_case) {
  const UserSite site(user_config(database.config()));
  ASSERT_EQ(site.sign_up("anna", "anna@example.com").status, 201);
  for (const auto& [name, email] : {std::pair{"anna", "other@example.com"},
                                    {"Anna", "other@example.com"},
                                    {"other", "anna@example.com"},
                                    {"other", "ANNA@EXAMPLE.COM"}}) {
    const Response refused = site.sign_up(name, email);
    EXPECT_EQ(refused.status, 409) << name << " " << email;
    EXPECT_NE(refused.body.find("CONFLICT"), std::string::npos);
  }
  EXPECT_EQ(site.sign_up("other", "other@example.com").status, 201);
}

TEST_P(UserRoutesOn, let_nobody_in_without_a_valid_token) {
  const UserSite site(user_config(database.config()));
  const SeenSession session = session_of(site.sign_up("anna", "anna@example.com"));
  const auto sign = [&](const char* secret, const std::string& user, std::chrono::seconds lifetime) {
    return TokenKeys(secret).sign({.subject = user, .expires = current_second() + lifetime});
  };
  EXPECT_EQ(site.me(sign(token_secret, session.user.id, 60s)).status, 200);
  for (const std::string& token :
       {sign(token_secret, session.user.id, -1s),
        sign("another secret of 32 bytes or so", session.user.id, 60s),
        sign(token_secret, "a user who is not there", 60s), sign(token_secret, std::string("a\0b", 3), 60s),
        // {"alg":"none"} and {"sub":"a","exp":4000000000}
        std::string("eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIiwiZXhwIjo0MDAwMDAwMDAwfQ."), session.refresh_token,
        session.access_token + "A"}) {
    const Response refused = site.me(token);
    EXPECT_EQ(refused.status, 401) << token;
    EXPECT_EQ(refused.field("WWW-Authenticate"), R"(Bearer realm="chopin", error="invalid_token")");
  }
  const std::string field = "Authorization: Bearer " + session.access_token + "\r\n";
  EXPECT_EQ(site.me_with(field + field).status, 401);
  EXPECT_EQ(site.me_with("").field("WWW-Authenticate"), R"(Bearer realm="chopin")");
}

TEST_P(UserRoutesOn, are_unavailable_without_a_secret_and_in_production_with_a_short_one) {
  Config config = user_config(database.config());
  for (const auto& [secret, environment, is_available] : {std::tuple{"", Environment::development, false},
                                                          {"", Environment::production, false},
                                                          {"bench", Environment::production, false},
                                                          {"bench", Environment::development, true}}) {
    config.auth.secret = secret;
    config.environment = environment;
    const UserSite site(config);
    const Response login = site.log_in("anna@example.com");
    EXPECT_EQ(login.status, is_available ? 401 : 503) << secret;
    if (is_available) continue;
    EXPECT_NE(login.body.find("JWT_SECRET"), std::string::npos) << login.body;
    EXPECT_EQ(site.sign_up("anna", "anna@example.com").status, 503);
    EXPECT_EQ(site.refresh("a").status, 503);
    EXPECT_EQ(site.log_out("a").status, 503);
    EXPECT_EQ(site.me("a").status, 503);
  }
}

}  // namespace
}  // namespace chopin::test
