#include "app/user_routes.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

#include <fmt/core.h>
#include <gtest/gtest.h>

#include "app/accounts.hpp"
#include "app/user_site.hpp"
#include "chopin/token.hpp"
#include "data/database_worker.hpp"

namespace chopin::test {
namespace {

using namespace std::chrono_literals;

class UserRoutesOn : public testing::TestWithParam<const char*> {
 protected:
  UserDatabase database{GetParam()};
};

INSTANTIATE_TEST_SUITE_P(, UserRoutesOn, testing::Values("SQLite", "PostgreSQL"), name_of_user_database);

std::chrono::sys_seconds current_second() {
  return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
}

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

TEST_P(UserRoutesOn, respond_alike_to_a_wrong_password_and_an_unknown_user) {
  const UserSite site(user_config(database.config()));
  ASSERT_EQ(site.sign_up("anna", "anna@example.com").status, 201);
  const Response wrong = site.log_in("anna@example.com", "correct horsf");
  EXPECT_EQ(wrong.status, 401);
  EXPECT_EQ(wrong.field("WWW-Authenticate"), R"(Bearer realm="chopin")");
  for (const Response& other : {site.log_in("nobody@example.com"), site.log_in("anna@example.com\\u0000"),
                                site.log_in("anna@example.com", "short"), site.log_in("anna@example.com", ""),
                                site.log_in("", ""), site.log_in("no address")}) {
    EXPECT_EQ(other.status, 401);
    EXPECT_EQ(other.body, wrong.body);
    EXPECT_EQ(without_dates(other.head), without_dates(wrong.head));
  }
}

TEST_P(UserRoutesOn, refuse_what_is_no_name_no_address_and_no_password) {
  const UserSite site(user_config(database.config()));
  const std::string long_password(1025, 'a');
  for (const auto& [name, email, password] : {std::tuple{"", "a@example.com", "correct horse"},
                                              {"a\\n", "a@example.com", "correct horse"},
                                              {"a\\u0000b", "a@example.com", "correct horse"},
                                              {"a", "example.com", "correct horse"},
                                              {"a", "a@example.com\\u0000", "correct horse"},
                                              {"a", "a@example.com", "short"},
                                              {"a", "a@example.com", long_password.c_str()}}) {
    EXPECT_EQ(site.sign_up(name, email, password).status, 422) << name << " " << email;
  }
  EXPECT_EQ(site.log_in("a@example.com", long_password).status, 422);
  EXPECT_EQ(site.sign_up("a", "a@example.com", std::string(20'000, 'a')).status, 413);
  EXPECT_EQ(site.post("/api/auth/signup", "{").status, 400);
  // 600 characters of 1,200 bytes.
  std::string wide;
  for (int i = 0; i < 600; ++i) wide += "ü";
  EXPECT_EQ(site.sign_up("a", "a@example.com", wide).status, 422);
}

TEST_P(UserRoutesOn, take_no_names_that_look_like_others_by_what_is_not_seen) {
  const UserSite site(user_config(database.config()));
  for (const char* name :
       {" anna", "anna ", "anna  b", " ", "\u00a0", "anna\u00a0", "anna\u0085", "\u009banna", "an\u00adna",
        "anna\u200b", "anna\u202e", "\ufeffanna", "anna\u2028"}) {
    EXPECT_EQ(site.sign_up(name, "anna@example.com").status, 422) << name;
  }
  int count = 0;
  for (const char* name : {"Anna b", "Änne", "安娜", "a", "<b>", "o'neil"}) {
    EXPECT_EQ(site.sign_up(name, fmt::format("a{}@example.com", ++count)).status, 201) << name;
  }
}

TEST_P(UserRoutesOn, count_each_byte_of_a_password_a_zero_too) {
  const UserSite site(user_config(database.config()));
  ASSERT_EQ(site.sign_up("anna", "anna@example.com", "password\\u0000one").status, 201);
  EXPECT_EQ(site.log_in("anna@example.com", "password\\u0000one").status, 200);
  EXPECT_EQ(site.log_in("anna@example.com", "password\\u0000two").status, 401);
  EXPECT_EQ(site.log_in("anna@example.com", "password").status, 401);
  ASSERT_EQ(site.sign_up("bert", "bert@example.com", "short\\u0000\\u0000\\u0000").status, 201);
  EXPECT_EQ(site.log_in("bert@example.com", "short").status, 401);
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

TEST_P(UserRoutesOn, slow_down_who_tries_many_passwords_for_one_account) {
  const UserSite site(user_config(database.config()));
  ASSERT_EQ(site.sign_up("anna", "anna@example.com").status, 201);
  ASSERT_EQ(site.sign_up("bert", "bert@example.com").status, 201);
  Response last;
  for (int i = 0; i < 10 && last.status != 429; ++i) last = site.log_in("anna@EXAMPLE.com", "wrong horse");
  EXPECT_EQ(last.status, 429);
  EXPECT_GE(std::stoi(last.field("Retry-After")), 1);
  EXPECT_LE(std::stoi(last.field("Retry-After")), 6);
  EXPECT_EQ(site.log_in("bert@example.com").status, 200);
}

TEST_P(UserRoutesOn, slow_down_who_tries_many_accounts_from_one_address) {
  const UserSite site(user_config(database.config()));
  std::vector<int> statuses;
  for (int i = 0; i < 100; ++i) {
    statuses.push_back(site.log_in(fmt::format("user{}@example.com", i), "wrong horse").status);
  }
  EXPECT_GE(std::ranges::count(statuses, 401), 60);
  EXPECT_GE(std::ranges::count(statuses, 429), 1);
}

/// A password takes some 100 ms of one thread.
constexpr PasswordOptions dear_hashing{.threads = 1,
                                       .most_waiting = 4,
                                       .memory = std::size_t{64} * 1024 * 1024,
                                       .passes = 2,
                                       .when_idle = false};

TEST_P(UserRoutesOn, respond_to_each_of_a_hundred_logins_at_once) {
  const UserSite site(user_config(database.config()), dear_hashing);
  std::vector<RawClient> clients;
  for (int i = 0; i < 100; ++i) clients.emplace_back(site.port());
  for (std::size_t i = 0; i < clients.size(); ++i) {
    clients[i].send(UserSite::login_text(fmt::format("user{}@example.com", i)));
  }
  std::size_t served = 0;
  std::size_t put_off = 0;
  for (RawClient& client : clients) {
    const Response response = client.read_response();
    if (response.status == 401) {
      ++served;
    } else {
      EXPECT_TRUE(response.status == 503 || response.status == 429) << response.status;
      EXPECT_FALSE(response.field("Retry-After").empty());
      ++put_off;
    }
  }
  EXPECT_GE(served, 1U);
  EXPECT_GE(put_off, 1U);
}

TEST_P(UserRoutesOn, stop_while_passwords_wait_to_be_hashed) {
  for (const bool drains : {true, false}) {
    UserSite site(user_config(database.config()), dear_hashing);
    std::vector<RawClient> clients;
    for (std::size_t i = 0; i < dear_hashing.most_waiting; ++i) {
      clients.emplace_back(site.port());
      clients.back().send(UserSite::login_text(fmt::format("user{}@example.com", i)));
    }
    EXPECT_EQ(clients.front().read_response().status, 401);  // so the others are under way
    if (drains) {
      site.server().drain();
      site.server().join();
      for (std::size_t i = 1; i < clients.size(); ++i) EXPECT_EQ(clients[i].read_response().status, 401) << i;
    } else {
      site.server().stop();
    }
  }
}

TEST_P(UserRoutesOn, hash_a_password_anew_at_a_login_when_hashing_costs_more) {
  const auto stored_hash = [this] {
    DatabaseWorker worker(Database::maker(database.config(), UserDatabase::schema()));
    return worker.run(app::find_account_by_email(worker.database(), "anna@example.com"))->password_hash;
  };
  const Config config = user_config(database.config());
  ASSERT_EQ(UserSite(config).sign_up("anna", "anna@example.com").status, 201);
  const std::string before = stored_hash();
  PasswordOptions dearer = cheap_hashing;
  dearer.passes = 2;
  const UserSite site(config, dearer);
  EXPECT_EQ(site.log_in("anna@example.com", "wrong horse").status, 401);
  EXPECT_EQ(stored_hash(), before);
  EXPECT_EQ(site.log_in("anna@example.com").status, 200);
  EXPECT_TRUE(stored_hash().starts_with("$argon2id$v=19$m=8,t=2,p=1$"));
  EXPECT_EQ(site.log_in("anna@example.com").status, 200);
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

// ---- What the routes do in the database. ----

class AccountsOn : public UserRoutesOn {
 protected:
  AccountsOn() {
    const app::StoredAccount anna{{"id", "anna", "anna@example.com"}, "hash"};
    worker.run(app::insert_account(worker.database(), anna, first, now));
  }
  bool spends(const app::RefreshToken& token, std::chrono::sys_seconds when) {
    const Log none;
    return worker.run(app::spend(worker.database(), token, token.next(), when, none)).has_value();
  }
  void insert(const app::RefreshToken& token, std::chrono::sys_seconds when) {
    worker.run(app::insert_session(worker.database(), "id", token, when));
  }

  const std::chrono::sys_seconds now = current_second();
  const app::RefreshToken first = app::RefreshToken::make();
  DatabaseWorker worker{Database::maker(database.config(), UserDatabase::schema())};
};

INSTANTIATE_TEST_SUITE_P(, AccountsOn, testing::Values("SQLite", "PostgreSQL"), name_of_user_database);

TEST_P(AccountsOn, let_a_refresh_token_expire_after_30_days) {
  EXPECT_FALSE(spends(first, now + 24h * 30));
  const app::RefreshToken second = app::RefreshToken::make();
  insert(second, now);
  EXPECT_TRUE(spends(second, now + 24h * 30 - 1s));
}

TEST_P(AccountsOn, extend_the_session_with_each_refresh) {
  const Log none;
  const app::RefreshToken next = first.next();
  const auto later = now + 24h * 20;
  EXPECT_TRUE(worker.run(app::spend(worker.database(), first, next, later, none)));
  EXPECT_TRUE(spends(next, later + 24h * 20));
}

TEST_P(AccountsOn, delete_what_has_expired_when_another_session_begins) {
  const auto much_later = now + 24h * 60;
  insert(app::RefreshToken::make(), much_later);
  EXPECT_FALSE(spends(first, now));  // as it is not there any more, whatever the clock says
}

/// How many of them can still be spent.
Task<std::size_t> insert_and_spend(Database& database, std::vector<app::RefreshToken> tokens,
                                   std::chrono::sys_seconds now) {
  const Log none;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    co_await app::insert_session(database, "id", tokens[i], now + std::chrono::seconds(i + 1));
  }
  std::size_t spent = 0;
  for (const app::RefreshToken& token : tokens) {
    const auto user = co_await app::spend(database, token, token.next(), now, none);
    spent += user ? 1 : 0;
  }
  co_return spent;
}

TEST_P(AccountsOn, keep_the_latest_32_sessions_of_a_user) {
  std::vector<app::RefreshToken> tokens;
  for (std::size_t i = 0; i < app::most_families; ++i) tokens.push_back(app::RefreshToken::make());
  EXPECT_EQ(worker.run(insert_and_spend(worker.database(), tokens, now)), app::most_families);
  EXPECT_FALSE(spends(first, now));
}

}  // namespace
}  // namespace chopin::test
