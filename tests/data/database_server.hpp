#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <future>
#include <optional>
#include <string>
#include <string_view>

#include "chopin/database.hpp"
#include "chopin/router.hpp"
#include "chopin/server.hpp"
#include "harness/log_collector.hpp"
#include "harness/raw_client.hpp"

namespace chopin::test {

/// When a database that has returned must be used again, on a machine that is busy and with sanitizers. By
/// itself it takes less than a second.
inline constexpr std::chrono::seconds soon{10};

/// A server with routes that use a database, and one that does not.
///
///     /pid                    the number of PostgreSQL's process that serves the statement
///     /sleep?seconds=N        a statement that takes so long; /slow the same as a slow one
///     /same?bytes=N           so many bytes as a parameter, and back as a row
///     /insert?id=N            a row of table t, in a transaction; the body counts its runs
///     /slow_insert?seconds=N  a row of table t and a statement that takes so long, in a transaction
///     /twice                  leases two connections
///     /worker                 which worker serves the connection; the first ones have the connections if
///     there
///                             are fewer of these than workers
///     /now                    no database
class DatabaseServer {
 public:
  explicit DatabaseServer(const std::string& url, DatabaseConfig settings = {}, std::uint32_t workers = 1);
  ~DatabaseServer();
  DatabaseServer(const DatabaseServer&) = delete;
  DatabaseServer& operator=(const DatabaseServer&) = delete;

  [[nodiscard]] std::uint16_t port() const noexcept { return server_->port(); }
  [[nodiscard]] Response ask(const std::string& path) const { return test::ask(port(), get(path)); }
  /// On a thread, which must end before the server does.
  [[nodiscard]] std::future<Response> ask_later(const std::string& path) const {
    return std::async(std::launch::async, [this, path] { return ask(path); });
  }
  /// Whether a request for /pid is served within the time. Asks again while it is not.
  [[nodiscard]] bool serves_within(std::chrono::milliseconds time) const;
  [[nodiscard]] int bodies_run() const noexcept { return bodies_run_; }
  /// Whether its log has such a line, or has it soon.
  [[nodiscard]] bool logs(std::string_view part) const;
  [[nodiscard]] const LogCollector& log() const noexcept { return log_; }

 private:
  [[nodiscard]] Router routes(const DatabaseConfig& settings);

  std::atomic<int> bodies_run_ = 0;
  LogCollector log_;
  std::optional<Server> server_;
};

}  // namespace chopin::test
