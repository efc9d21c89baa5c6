#pragma once

#include <libpq-fe.h>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <vector>

namespace chopin::test {

/// How to connect to a server: see `facts` in postgres_cluster.py. "url", "socket_url", "tls_url", "md5_url",
/// "superuser_url", and for the server of all tests "pgbouncer_url". The role is "chopin", and so is the
/// database, but for TLS alone "chopin_tls", for MD5 "chopin_md5".
using PostgresFacts = std::map<std::string, std::string>;

/// Of the server of all tests, which ctest starts. By hand: tests/harness/postgres_server run.
const PostgresFacts& postgres();

/// A connection of the test itself, by libpq. Throws if it cannot be had.
class PlainConnection {
 public:
  explicit PlainConnection(const std::string& url);

  /// The rows; null is "NULL". Throws std::runtime_error with PostgreSQL's message.
  std::vector<std::vector<std::string>> query(const std::string& sql);
  /// Of one row with one column.
  std::string value(const std::string& sql);

 private:
  struct Finish {
    void operator()(PGconn* connection) const noexcept { PQfinish(connection); }
  };
  std::unique_ptr<PGconn, Finish> connection_;
};

/// A database in the server of all tests, owned by the role "chopin". Dropped, with all its connections, when
/// this is destroyed.
class OwnDatabase {
 public:
  OwnDatabase();
  ~OwnDatabase();
  OwnDatabase(const OwnDatabase&) = delete;
  OwnDatabase& operator=(const OwnDatabase&) = delete;

  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  /// `fact`: which of the URLs.
  [[nodiscard]] std::string url(const std::string& fact = "url") const;
  /// Whether no statement with this text runs there any more, or soon none does.
  [[nodiscard]] bool ends(const std::string& text) const;

 private:
  std::string name_;
};

/// A server that one test has for itself, to be killed, filled or slowed. It runs when this is constructed,
/// and ends with it.
class OwnPostgres {
 public:
  OwnPostgres();
  ~OwnPostgres();
  OwnPostgres(const OwnPostgres&) = delete;
  OwnPostgres& operator=(const OwnPostgres&) = delete;

  [[nodiscard]] const std::string& url(const std::string& fact = "url") const { return facts_.at(fact); }
  /// Returns when it accepts connections. `settings`: "max_connections=5 ssl=off".
  void start(const std::string& settings = "") { command("start " + settings); }
  /// Cuts all sessions and ends properly.
  void stop() { command("stop"); }
  /// Kills all its processes.
  void kill() { command("kill"); }
  /// Stops all its processes, so that connections are neither served nor refused.
  void pause() { command("pause"); }
  void resume() { command("resume"); }

 private:
  void command(const std::string& line);
  std::string read_line();

  pid_t pid_ = -1;
  int to_ = -1;
  int from_ = -1;
  std::string received_;
  PostgresFacts facts_;
};

}  // namespace chopin::test
