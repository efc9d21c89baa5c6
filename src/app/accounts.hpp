#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>

#include "app/refresh_token.hpp"
#include "chopin/database.hpp"
#include "chopin/error.hpp"
#include "chopin/json_members.hpp"

/// Users and their sessions in the database: the tables `users` and `refresh_families`.
namespace chopin::app {

/// A user as responses show one.
struct Account {
  std::string id;
  std::string username;
  std::string email;

  static constexpr auto json_members = members(
      member("id", &Account::id), member("username", &Account::username), member("email", &Account::email));
};

struct StoredAccount {
  Account account;
  std::string password_hash;
};

/// How long a refresh token may be used; the next one of its family lasts as long again.
inline constexpr std::chrono::hours refresh_token_lifetime{24 * 30};
/// Sessions of one user; with one more the oldest ends.
inline constexpr std::size_t most_families = 32;

/// 401 for a token whose user is not there. Throws std::bad_alloc.
HttpError user_is_gone();

/// An e-mail address as it is stored and compared: letters of ASCII in lower case.
std::string normalised_email(std::string email);

/// Both with its first session. They delete sessions that are over, some with each call.
/// Throws HttpError 409 if the name, whatever its case, or the address is taken; DatabaseError.
Task<> insert_account(Database& database, const StoredAccount& stored, const RefreshToken& token,
                      std::chrono::sys_seconds now);
Task<> insert_session(Database& database, const std::string& user, const RefreshToken& token,
                      std::chrono::sys_seconds now);

/// `email`: normalised. With a zero byte, which PostgreSQL takes in no text, it is nobody's.
Task<std::optional<StoredAccount>> find_account_by_email(Database& database, const std::string& email);
Task<std::optional<Account>> find_account(Database& database, const std::string& id);
/// Unless the hash has changed meanwhile.
Task<> change_password_hash(Database& database, const StoredAccount& stored, const std::string& hash);

/// Puts `next` in the place of `token`, in one statement: of several calls at once one succeeds. The user's
/// id; nothing if the token is spent, over or unknown. Its family then ends (RFC 9700 section 4.14.2), which
/// the log says.
Task<std::optional<std::string>> spend(Database& database, const RefreshToken& token,
                                       const RefreshToken& next, std::chrono::sys_seconds now,
                                       const Log& log);
Task<> end_family(Database& database, const RefreshToken& token);

}  // namespace chopin::app
