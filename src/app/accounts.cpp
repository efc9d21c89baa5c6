#include "app/accounts.hpp"

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include "chopin/database_error.hpp"
#include "chopin/log.hpp"
#include "text/characters.hpp"

namespace chopin::app {
namespace {

using std::string_view;

const Statement<Row<>(string_view, string_view, string_view, string_view, std::int64_t)> insert_user(
    "INSERT INTO users (id, username, email, password_hash, created_at) VALUES ($1, $2, $3, $4, $5)");
const Statement<Row<>(string_view, string_view, string_view, std::int64_t)> insert_family(
    "INSERT INTO refresh_families (family, user_id, token_hash, expires_at) VALUES ($1, $2, $3, $4)");

// What another login deletes at the same time is left to it, so that the two do not wait for each other in a
// circle. SQLite has one writer.
const Statement<Row<>(std::int64_t)> delete_expired(
    "DELETE FROM refresh_families WHERE family IN (SELECT family FROM refresh_families"
    " WHERE expires_at <= $1 ORDER BY expires_at LIMIT 100 FOR UPDATE SKIP LOCKED)",
    {.sqlite = "DELETE FROM refresh_families WHERE family IN (SELECT family FROM refresh_families"
               " WHERE expires_at <= $1 ORDER BY expires_at LIMIT 100)"});
const Statement<Row<>(string_view)> delete_oldest(
    fmt::format("DELETE FROM refresh_families WHERE family IN (SELECT family FROM refresh_families"
                " WHERE user_id = $1 ORDER BY expires_at DESC OFFSET {} FOR UPDATE SKIP LOCKED)",
                most_families),
    {.sqlite =
         fmt::format("DELETE FROM refresh_families WHERE family IN (SELECT family FROM"
                     " refresh_families WHERE user_id = $1 ORDER BY expires_at DESC LIMIT -1 OFFSET {})",
                     most_families)});

const Statement<Row<string_view, string_view, string_view, string_view>(string_view)> find_by_email(
    "SELECT id, username, email, password_hash FROM users WHERE email = $1", {.bounded = true});
const Statement<Row<string_view, string_view, string_view>(string_view)> find_by_id(
    "SELECT id, username, email FROM users WHERE id = $1", {.bounded = true});
const Statement<Row<>(string_view, string_view, string_view)> change_hash(
    "UPDATE users SET password_hash = $1 WHERE id = $2 AND password_hash = $3");

const Statement<Row<string_view>(string_view, std::int64_t, string_view, string_view, std::int64_t)>
    spend_token(
        "UPDATE refresh_families SET token_hash = $1, expires_at = $2"
        " WHERE family = $3 AND token_hash = $4 AND expires_at > $5 RETURNING user_id");
const Statement<Row<string_view>(string_view)> delete_family(
    "DELETE FROM refresh_families WHERE family = $1 RETURNING user_id");

std::int64_t seconds(std::chrono::sys_seconds time) noexcept {
  return time.time_since_epoch().count();
}

/// All or none of it.
Task<> insert(Database& database, std::vector<BoundStatement<>> statements, const std::string& user,
              const RefreshToken& token, std::chrono::sys_seconds now) {
  const std::string family = token.family();
  const std::string hash = token.hash();
  statements.push_back(insert_family(family, user, hash, seconds(now + refresh_token_lifetime)));
  statements.push_back(delete_expired(seconds(now)));
  statements.push_back(delete_oldest(user));
  co_await database.query_all(std::move(statements), Together::yes);
}

}  // namespace

HttpError user_is_gone() {
  HttpError error(401, "the user of this token no longer exists");
  error.add_field("WWW-Authenticate", R"(Bearer realm="chopin", error="invalid_token")");
  return error;
}

std::string normalised_email(std::string email) {
  std::ranges::transform(email, email.begin(), text::to_lower);
  return email;
}

Task<> insert_account(Database& database, const StoredAccount& stored, const RefreshToken& token,
                      std::chrono::sys_seconds now) {
  const auto& [id, username, email] = stored.account;
  std::vector<BoundStatement<>> statements;
  statements.push_back(insert_user(id, username, email, stored.password_hash, seconds(now)));
  try {
    co_await insert(database, std::move(statements), id, token, now);
  } catch (const DatabaseError& error) {
    constexpr string_view unique_violation = "23505";
    if (error.sqlstate() == unique_violation)
      throw HttpError(409, "the username or the e-mail address is taken");
    throw;
  }
}

Task<> insert_session(Database& database, const std::string& user, const RefreshToken& token,
                      std::chrono::sys_seconds now) {
  return insert(database, {}, user, token, now);
}

Task<std::optional<StoredAccount>> find_account_by_email(Database& database, const std::string& email) {
  if (email.find('\0') != std::string::npos) co_return std::nullopt;
  const auto rows = co_await database.query(find_by_email(email));
  if (rows.empty()) co_return std::nullopt;
  const auto [id, username, found_email, hash] = rows.front();
  co_return StoredAccount{{std::string(id), std::string(username), std::string(found_email)},
                          std::string(hash)};
}

Task<std::optional<Account>> find_account(Database& database, const std::string& id) {
  const auto rows = co_await database.query(find_by_id(id));
  if (rows.empty()) co_return std::nullopt;
  const auto [found_id, username, email] = rows.front();
  co_return Account{std::string(found_id), std::string(username), std::string(email)};
}

Task<> change_password_hash(Database& database, const StoredAccount& stored, const std::string& hash) {
  co_await database.query(change_hash(hash, stored.account.id, stored.password_hash));
}

Task<std::optional<std::string>> spend(Database& database, const RefreshToken& token,
                                       const RefreshToken& next, std::chrono::sys_seconds now,
                                       const Log& log) {
  const std::string family = token.family();
  const auto spent = co_await database.query(
      spend_token(next.hash(), seconds(now + refresh_token_lifetime), family, token.hash(), seconds(now)));
  if (!spent.empty()) co_return std::string(std::get<0>(spent.front()));
  const auto ended = co_await database.query(delete_family(family));
  if (!ended.empty()) {
    log.warn("a spent or expired refresh token was used: its family has ended",
             {{"user", std::get<0>(ended.front())}});
  }
  co_return std::nullopt;
}

Task<> end_family(Database& database, const RefreshToken& token) {
  co_await database.query(delete_family(token.family()));
}

}  // namespace chopin::app
