#include "app/accounts.hpp"

#include <chrono>
#include <cstddef>
#include <vector>

#include <gtest/gtest.h>

#include "app/user_routes_case.hpp"
#include "app/user_site.hpp"
#include "data/database_worker.hpp"

namespace chopin::test {
namespace {

using namespace std::chrono_literals;

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
