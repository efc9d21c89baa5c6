#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "data/postgres/wire.hpp"

namespace chopin::data::postgres {

/// A connection for a few commands at its start or of a tool, on a thread that may wait for them.
///
/// Thread safety: one thread at a time.
/// Lifetime: closes the connection at its end.
/// Throws: DatabaseError; std::bad_alloc. No message holds the password: libpq's quote names and addresses,
///         never what it logs in with.
class BlockingConnection {
 public:
  using Rows = std::vector<std::vector<std::string>>;

  /// `url`: as parse_postgres_url has taken it. `connect_within`: for each address of each host, in seconds;
  /// a connect_timeout in the URL comes before it.
  BlockingConnection(const std::string& url, std::chrono::seconds connect_within);

  /// Runs one statement or several, and returns the rows of the last, null as "". After 57014, the time was
  /// over, only the end of the connection makes sense.
  Rows run(const std::string& sql, std::chrono::milliseconds within);
  /// The only value of the only row.
  std::string value(const std::string& sql, std::chrono::milliseconds within);

  /// Whether a pooler is between: the process that says hello is not the one that runs statements.
  bool is_behind_pooler(std::chrono::milliseconds within);

  /// The connection itself, which does not block any more. Nothing may be under way.
  [[nodiscard]] Handle take() &&;

 private:
  Handle handle_;
};

}  // namespace chopin::data::postgres
