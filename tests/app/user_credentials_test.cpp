#include <string>
#include <tuple>

#include <fmt/core.h>
#include <gtest/gtest.h>

#include "app/accounts.hpp"
#include "app/user_routes.hpp"
#include "app/user_routes_case.hpp"
#include "app/user_site.hpp"
#include "data/database_worker.hpp"

namespace chopin::test {
namespace {

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

}  // namespace
}  // namespace chopin::test
