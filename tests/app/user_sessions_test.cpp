#include <cstddef>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "app/refresh_token.hpp"
#include "app/user_routes.hpp"
#include "app/user_routes_case.hpp"
#include "app/user_site.hpp"
#include "harness/raw_client.hpp"

namespace chopin::test {
namespace {

TEST_P(UserRoutesOn, exchange_a_refresh_token_once) {
  const UserSite site(user_config(database.config()));
  SeenSession session = session_of(site.sign_up("anna", "anna@example.com"));
  for (int i = 0; i < 3; ++i) {
    const Response refreshed = site.refresh(session.refresh_token);
    EXPECT_EQ(refreshed.status, 200) << refreshed.body;
    const SeenSession next = session_of(refreshed);
    EXPECT_EQ(next.user.email, "anna@example.com");
    EXPECT_NE(next.refresh_token, session.refresh_token);
    EXPECT_EQ(site.me(next.access_token).status, 200);
    session = next;
  }
}

TEST_P(UserRoutesOn, end_the_session_of_a_refresh_token_that_is_used_again_and_no_other) {
  const UserSite site(user_config(database.config()));
  const SeenSession stolen = session_of(site.sign_up("anna", "anna@example.com"));
  const SeenSession other = session_of(site.log_in("anna@example.com"));
  const SeenSession next = session_of(site.refresh(stolen.refresh_token));
  EXPECT_EQ(site.refresh(stolen.refresh_token).status, 401);
  EXPECT_EQ(site.refresh(next.refresh_token).status, 401);
  EXPECT_EQ(site.refresh(other.refresh_token).status, 200);
}

TEST_P(UserRoutesOn, refuse_a_refresh_token_that_they_have_not_given) {
  const UserSite site(user_config(database.config()));
  const SeenSession session = session_of(site.sign_up("anna", "anna@example.com"));
  for (const std::string& token : {std::string(), std::string("abc"), session.access_token.substr(0, 66),
                                   app::RefreshToken::make().text(), std::string(100, 'a')}) {
    EXPECT_EQ(site.refresh(token).status, 401) << token;
  }
  EXPECT_EQ(site.refresh(session.refresh_token).status, 200);
}

TEST_P(UserRoutesOn, give_one_of_several_refreshes_at_once_new_tokens) {
  Config config = user_config(database.config());
  config.workers = 2;
  const UserSite site(config);
  SeenSession session = session_of(site.sign_up("anna", "anna@example.com"));
  for (int round = 0; round < 8; ++round) {  // more logins would come too soon
    constexpr std::size_t at_once = 8;
    std::vector<RawClient> clients;
    for (std::size_t i = 0; i < at_once; ++i) clients.emplace_back(site.port());
    for (RawClient& client : clients) client.send(UserSite::refresh_text(session.refresh_token));
    std::size_t refreshed = 0;
    for (RawClient& client : clients) {
      const int status = client.read_response().status;
      if (status == 200)
        ++refreshed;
      else
        EXPECT_EQ(status, 401);
    }
    EXPECT_EQ(refreshed, 1U);
    session = session_of(site.log_in("anna@example.com"));
  }
}

TEST_P(UserRoutesOn, end_a_session_whether_or_not_it_has_ended_already) {
  const UserSite site(user_config(database.config()));
  const SeenSession session = session_of(site.sign_up("anna", "anna@example.com"));
  const SeenSession other = session_of(site.log_in("anna@example.com"));
  for (int i = 0; i < 2; ++i) EXPECT_EQ(site.log_out(session.refresh_token).status, 204);
  EXPECT_EQ(site.log_out("abc").status, 204);
  EXPECT_EQ(site.log_out(app::RefreshToken::make().text()).status, 204);
  EXPECT_EQ(site.refresh(session.refresh_token).status, 401);
  EXPECT_EQ(site.refresh(other.refresh_token).status, 200);
}

}  // namespace
}  // namespace chopin::test
