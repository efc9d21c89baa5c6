#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <fmt/core.h>
#include <gtest/gtest.h>

#include "app/note_routes.hpp"
#include "app/schema.hpp"
#include "app/user_routes.hpp"
#include "chopin/database.hpp"
#include "chopin/json_value.hpp"
#include "chopin/operation.hpp"
#include "harness/live_server.hpp"
#include "harness/postgres.hpp"
#include "harness/raw_client.hpp"
#include "harness/temporary_folder.hpp"

namespace chopin::test {

inline constexpr const char* token_secret = "a secret of 32 bytes or more, here";
/// So that a test does not take long, nor as long as other tests keep all CPUs busy.
inline constexpr PasswordOptions cheap_hashing{
    .threads = 2, .memory = std::size_t{8} * 1024, .passes = 1, .when_idle = false};

/// A database with the tables, which are empty.
class UserDatabase {
 public:
  /// `kind`: "SQLite" or "PostgreSQL".
  explicit UserDatabase(std::string_view kind) {
    if (kind == "PostgreSQL") {
      config_.url = postgres_.emplace().url();
    } else {
      config_.url = "sqlite://" + folder_.path() + "/users";
    }
    migrate(config_, schema());
  }

  [[nodiscard]] const DatabaseConfig& config() const noexcept { return config_; }
  static Schema schema() { return {.migrations = app::schema().migrations}; }

 private:
  const TemporaryFolder folder_;
  std::optional<OwnDatabase> postgres_;
  DatabaseConfig config_;
};

/// Of a suite that is run on each kind.
inline std::string name_of_user_database(const testing::TestParamInfo<const char*>& info) {
  return info.param;
}

/// With ENVIRONMENT=test, so that a response which is not declared is a 500.
inline Config user_config(const DatabaseConfig& database) {
  Config config = test_config();
  config.environment = Environment::test;
  config.log_level = LogLevel::off;
  config.database = database;
  config.auth.secret = token_secret;
  return config;
}

inline Router user_routes(const Config& config, const PasswordOptions& passwords) {
  Router router;
  router.per_worker<Database>(Database::maker(config.database, UserDatabase::schema()));
  app::add_note_routes(app::add_user_routes(router, config, passwords));
  return router;
}

/// The server of these routes alone.
class UserSite {
 public:
  explicit UserSite(const Config& config, const PasswordOptions& passwords = cheap_hashing)
      : server_(config, user_routes(config, passwords)) {}

  [[nodiscard]] std::uint16_t port() const noexcept { return server_.port(); }
  [[nodiscard]] LiveServer& server() noexcept { return server_; }

  static std::string post_text(std::string_view target, std::string_view body, std::string_view fields = "") {
    return fmt::format(
        "POST {} HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nContent-Length: {}\r\n{}\r\n{}",
        target, body.size(), fields, body);
  }
  [[nodiscard]] Response post(std::string_view target, std::string_view body) const {
    return ask(port(), post_text(target, body));
  }
  [[nodiscard]] Response sign_up(std::string_view name, std::string_view email,
                                 std::string_view password = "correct horse") const {
    return post("/api/auth/signup",
                fmt::format(R"({{"username":"{}","email":"{}","password":"{}"}})", name, email, password));
  }
  static std::string login_text(std::string_view email, std::string_view password = "correct horse") {
    return post_text("/api/auth/login", fmt::format(R"({{"email":"{}","password":"{}"}})", email, password));
  }
  [[nodiscard]] Response log_in(std::string_view email, std::string_view password = "correct horse") const {
    return ask(port(), login_text(email, password));
  }
  static std::string refresh_text(std::string_view token) {
    return post_text("/api/auth/refresh", fmt::format(R"({{"refresh_token":"{}"}})", token));
  }
  [[nodiscard]] Response refresh(std::string_view token) const { return ask(port(), refresh_text(token)); }
  [[nodiscard]] Response log_out(std::string_view token) const {
    return post("/api/auth/logout", fmt::format(R"({{"refresh_token":"{}"}})", token));
  }
  /// `fields`: each ends with CR LF.
  [[nodiscard]] Response me_with(std::string_view fields) const {
    return ask(port(), get("/api/me", fields));
  }
  [[nodiscard]] Response me(std::string_view token) const {
    return me_with(fmt::format("Authorization: Bearer {}\r\n", token));
  }

 private:
  LiveServer server_;
};

struct SeenUser {
  std::string id;
  std::string username;
  std::string email;

  static constexpr auto json_members =
      members(member("id", &SeenUser::id), member("username", &SeenUser::username),
              member("email", &SeenUser::email));
};

struct SeenSession {
  std::string access_token;
  std::string refresh_token;
  SeenUser user;

  static constexpr auto json_members =
      members(member("access_token", &SeenSession::access_token),
              member("refresh_token", &SeenSession::refresh_token), member("user", &SeenSession::user));
};

/// Throws if the body is anything else.
template <class Value>
Value data_of(const Response& response) {
  return read_json<operations::Envelope<Value>>(response.body).data;
}
inline SeenSession session_of(const Response& response) {
  return data_of<SeenSession>(response);
}

}  // namespace chopin::test
