#include "app/user_routes.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "app/accounts.hpp"
#include "chopin/guard.hpp"
#include "chopin/log.hpp"
#include "chopin/operation.hpp"
#include "chopin/rate_limit.hpp"
#include "chopin/token.hpp"

namespace chopin::app {
namespace {

using std::chrono::sys_seconds;

constexpr std::size_t most_email_characters = 254;  // RFC 5321 section 4.5.3.1.3, with its angle brackets

// Words with one space between them, as in RFC 8265 section 3.1, without what is not seen: controls, soft
// hyphens, joiners, marks that turn the direction of a text. Written out, because RE2 and the regular
// expressions of JSON Schema have no other form of it in common.
constexpr const char* visible_words =
    "^[^\\x00-\\x20\\x7f-\u00a0\u00ad\u061c\u1680\u180e\u2000-\u200f"
    "\u2028-\u202f\u205f-\u206f\u3000\ue000-\uf8ff\ufeff\ufff9-\ufffb]+"
    "( [^\\x00-\\x20\\x7f-\u00a0\u00ad\u061c\u1680\u180e\u2000-\u200f"
    "\u2028-\u202f\u205f-\u206f\u3000\ue000-\uf8ff\ufeff\ufff9-\ufffb]+)*$";

struct SignUp {
  std::string username;
  std::string email;
  std::string password;

  static constexpr auto json_members = members(
      member("username", &SignUp::username).length(1, 64).pattern(visible_words),
      member("email", &SignUp::email).format(json::Format::email).length(3, most_email_characters),
      member("password", &SignUp::password).length(PasswordHasher::least_bytes, PasswordHasher::most_bytes));
};

/// What cannot be right is no fault here: the response is the same as to a wrong password.
struct LogIn {
  std::string email;
  std::string password;

  static constexpr auto json_members =
      members(member("email", &LogIn::email).length(0, most_email_characters),
              member("password", &LogIn::password).length(0, PasswordHasher::most_bytes));
};

struct SentToken {
  std::string refresh_token;

  static constexpr auto json_members =
      members(member("refresh_token", &SentToken::refresh_token).length(0, 100));
};

struct Session {
  std::string access_token;
  std::string refresh_token;
  Account user;

  static constexpr auto json_members =
      members(member("access_token", &Session::access_token),
              member("refresh_token", &Session::refresh_token), member("user", &Session::user));
};

/// Slows down who tries many passwords, before any is hashed: for one account wherever it is tried from, and
/// from one address whatever the account.
class Attempts {
 public:
  void check(const Request& request, const std::string& email) {
    const auto now = std::chrono::steady_clock::now();
    const std::string address = address_prefix(request.peer());
    if (!address.empty()) by_address_.check(address, now);
    by_account_.check(email, now);
  }

 private:
  RateLimit by_address_{{.burst = 60, .interval = std::chrono::seconds(1)}};
  RateLimit by_account_{{.burst = 10, .interval = std::chrono::seconds(6)}};
};

/// What the handlers of all workers share.
struct Accounts {
  Accounts(TokenKeys token_keys, std::chrono::milliseconds lifetime, const PasswordOptions& options)
      : keys(std::move(token_keys)),
        token_lifetime(std::chrono::floor<std::chrono::seconds>(lifetime)),
        passwords(options) {}

  const TokenKeys keys;
  const std::chrono::seconds token_lifetime;
  const PasswordHasher passwords;
  Attempts attempts;
};
using SharedAccounts = std::shared_ptr<Accounts>;

/// RFC 9110 section 15.5.2 wants a challenge with every 401.
HttpError unauthorized(const char* message) {
  HttpError error(401, message);
  error.add_field("WWW-Authenticate", R"(Bearer realm="chopin")");
  return error;
}

sys_seconds current_second() {
  return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
}

Session session_of(const Accounts& accounts, Account user, const RefreshToken& token, sys_seconds now) {
  std::string access = accounts.keys.sign({.subject = user.id,
                                           .roles = {"user"},
                                           .id = random_id(),
                                           .family = token.family(),
                                           .expires = now + accounts.token_lifetime,
                                           .issued = now});
  return {std::move(access), token.text(), std::move(user)};
}

Task<Created<Session>> sign_up(SharedAccounts accounts, SignUp given, const Request& request,
                               Database& database) {
  const WipeAtEnd wiped(given.password);
  StoredAccount stored{{random_id(), std::move(given.username), normalised_email(std::move(given.email))},
                       {}};
  accounts->attempts.check(request, stored.account.email);
  stored.password_hash = co_await accounts->passwords.hash(std::move(given.password));
  const RefreshToken token = RefreshToken::make();
  const sys_seconds now = current_second();
  co_await insert_account(database, stored, token, now);
  co_return Created<Session>{session_of(*accounts, std::move(stored.account), token, now)};
}

/// Whether the password is the account's. Takes the same time without an account, and for a password that no
/// account can have.
Task<bool> is_right(const PasswordHasher& passwords, const std::optional<StoredAccount>& stored,
                    std::string password) {
  const WipeAtEnd wiped(password);
  const bool may_be_right = stored && password.size() >= PasswordHasher::least_bytes;
  if (password.size() < PasswordHasher::least_bytes) password.resize(PasswordHasher::least_bytes);
  return passwords.verify(std::move(password),
                          may_be_right ? stored->password_hash : passwords.hash_of_nobody());
}

/// If too many passwords wait, the next login does it.
Task<> renew_hash(const Accounts& accounts, const StoredAccount& stored, std::string password,
                  Database& database) {
  std::string hash;
  try {
    hash = co_await accounts.passwords.hash(std::move(password));
  } catch (const HttpError&) {
    co_return;
  }
  co_await change_password_hash(database, stored, hash);
}

Task<Session> log_in(SharedAccounts accounts, LogIn given, const Request& request, Database& database) {
  const WipeAtEnd wiped(given.password);
  const std::string email = normalised_email(std::move(given.email));
  accounts->attempts.check(request, email);
  std::optional<StoredAccount> stored = co_await find_account_by_email(database, email);
  const bool knows_password = co_await is_right(accounts->passwords, stored, given.password);
  if (!stored || !knows_password) throw unauthorized("the e-mail address or the password is wrong");
  if (accounts->passwords.is_outdated(stored->password_hash)) {
    co_await renew_hash(*accounts, *stored, given.password, database);
  }
  const RefreshToken token = RefreshToken::make();
  const sys_seconds now = current_second();
  co_await insert_session(database, stored->account.id, token, now);
  co_return session_of(*accounts, std::move(stored->account), token, now);
}

Task<Session> refresh(SharedAccounts accounts, SentToken given, const Request& request, Database& database) {
  const auto token = RefreshToken::read(given.refresh_token);
  if (token) {
    const RefreshToken next = token->next();
    const sys_seconds now = current_second();
    const auto user = co_await spend(database, *token, next, now, request.log());
    std::optional<Account> account;
    if (user) account = co_await find_account(database, *user);
    if (account) co_return session_of(*accounts, std::move(*account), next, now);
  }
  throw unauthorized("the refresh token is not valid");
}

/// A token that is unknown or spent is no fault: the session has ended, as the client wants (RFC 7009
/// section 2.2).
Task<NoContent> log_out(SentToken given, Database& database) {
  if (const auto token = RefreshToken::read(given.refresh_token)) co_await end_family(database, *token);
  co_return NoContent{};
}

Task<Account> me(const User& user, Database& database) {
  auto account = co_await find_account(database, user.id);
  if (!account) throw user_is_gone();
  co_return std::move(*account);
}

Middleware not_stored() {
  return {.name = "no-store",
          .reason = "outermost: errors are not to be stored either",
          .after = [](const Request&, Response& response) {
            static const FieldLine no_store("Cache-Control", "no-store");
            response.field(no_store);
          }};
}

Middleware possible_users() {
  return {
      .name = "possible-users",
      .reason = "PostgreSQL takes no text with a zero byte, which a token may have that is signed elsewhere",
      .before = [](Request& request, Response&) {
        if (request.user().id.find('\0') != std::string::npos) throw user_is_gone();
        return Verdict::next();
      }};
}

Middleware without_tokens() {
  return {.name = "no-tokens", .reason = "nothing works without them", .before = [](Request&, Response&) {
            return Verdict::fail(503, "this server has no secret for tokens (JWT_SECRET) that it may use");
          }};
}

}  // namespace

RouteGroup add_user_routes(Router& router, const Config& config, const PasswordOptions& passwords) {
  const ConfiguredTokenKeys configured = token_keys(config);
  RouteGroup group = router.group("/api", {not_stored()});
  if (!configured.keys) group.use(without_tokens());
  // Without a secret no request comes as far as to these keys, which nobody knows.
  const auto accounts = std::make_shared<Accounts>(configured.keys.value_or(TokenKeys(random_id())),
                                                   config.auth.token_expiry, passwords);
  const DeclaredError too_many{429, "There were too many attempts with this account or from this address."};
  const RouteOptions options{.max_body = std::uint64_t{16} * 1024};
  RouteGroup auth = group.group("/auth");
  auth.post("/signup",
            operation(
                [accounts](Body<SignUp> given, const Request& request, Database& database) {
                  return sign_up(accounts, std::move(*given), request, database);
                },
                {.summary = "Makes a user.",
                 .errors = {{409, "The username or the e-mail address is taken."}, too_many}}),
            options);
  auth.post("/login",
            operation(
                [accounts](Body<LogIn> given, const Request& request, Database& database) {
                  return log_in(accounts, std::move(*given), request, database);
                },
                {.summary = "Gives tokens to a user who knows the password.",
                 .errors = {{401, "The e-mail address or the password is wrong."}, too_many}}),
            options);
  auth.post(
      "/refresh",
      operation(
          [accounts](Body<SentToken> given, const Request& request, Database& database) {
            return refresh(accounts, std::move(*given), request, database);
          },
          {.summary = "Gives new tokens for a refresh token, which is then spent.",
           .description = "A token that is used a second time ends its session: it may have been stolen.",
           .errors = {{401, "The refresh token is spent, expired or unknown."}}}),
      options);
  auth.post("/logout",
            operation([](Body<SentToken> given,
                         Database& database) { return log_out(std::move(*given), database); },
                      {.summary = "Ends the session of a refresh token.",
                       .description = "Access tokens of the session are valid until they expire."}),
            options);
  RouteGroup guarded = group.group(
      "", {middleware::bearer(accounts->keys, "the routes are about their user"), possible_users()});
  guarded.get("/me", operation(me, {.summary = "The user of the token."}));
  return guarded;
}

}  // namespace chopin::app
