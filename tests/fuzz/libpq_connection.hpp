#pragma once

#include <libpq-fe.h>
#include <memory>
#include <string>
#include <string_view>

namespace chopin::fuzz {

struct LibpqDeleter {
  void operator()(PGresult* result) const noexcept { PQclear(result); }
  void operator()(PGconn* connection) const noexcept { PQfinish(connection); }
};
using PgResult = std::unique_ptr<PGresult, LibpqDeleter>;

/// libpq in pipeline mode, and a server that sends given bytes, in one thread: all that one of them waits for
/// is there.
class LibpqConnection {
 public:
  /// libpq has said what is said before the first query.
  LibpqConnection();
  ~LibpqConnection();
  LibpqConnection(const LibpqConnection&) = delete;
  LibpqConnection& operator=(const LibpqConnection&) = delete;

  [[nodiscard]] PGconn* client() const noexcept { return client_.get(); }
  /// What libpq has sent since the last call.
  std::string receive();
  /// These are the server's last words.
  void send_last(std::string_view bytes);
  [[nodiscard]] PgResult next_result() const { return PgResult(PQgetResult(client())); }

 private:
  std::unique_ptr<PGconn, LibpqDeleter> client_;
  int server_;
};

}  // namespace chopin::fuzz
