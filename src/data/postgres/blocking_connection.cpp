#include "data/postgres/blocking_connection.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <libpq-fe.h>
#include <poll.h>
#include <string_view>
#include <tuple>
#include <utility>

#include <fmt/core.h>

#include "chopin/database_error.hpp"

namespace chopin::data::postgres {
namespace {

using ResultOwner = std::unique_ptr<PGresult, decltype(&PQclear)>;

std::string on_one_line(const char* message) {
  std::string line = message == nullptr ? "" : message;
  while (line.ends_with('\n')) line.pop_back();
  std::erase(line, '\t');
  std::ranges::replace(line, '\n', ' ');
  return line;
}

/// Those before the URL are defaults that it may change, those after it are fixed. The protocol of GSSAPI's
/// encryption is libpq's own, so it could not be spoken after `take`.
Handle open(const std::string& url, std::chrono::seconds connect_within) {
  const std::string timeout = std::to_string(connect_within.count());
  constexpr const char* end = nullptr;
  constexpr std::array names{"connect_timeout",
                             "keepalives_idle",
                             "keepalives_interval",
                             "keepalives_count",
                             "tcp_user_timeout",
                             "fallback_application_name",
                             "dbname",
                             "client_encoding",
                             "gssencmode",
                             end};
  const std::array values{timeout.c_str(), "30",        "10",   "3",       "15000",
                          "chopin",        url.c_str(), "UTF8", "disable", end};
  static_assert(names.size() == std::tuple_size_v<decltype(values)>);
  Handle handle(PQconnectdbParams(names.data(), values.data(), 1));
  if (handle == nullptr) throw std::bad_alloc();
  if (PQstatus(handle.get()) != CONNECTION_OK) {
    throw DatabaseError("08001", on_one_line(PQerrorMessage(handle.get())));
  }
  // Otherwise notices, such as of a table that exists already, are printed to stderr.
  PQsetNoticeReceiver(handle.get(), [](void* /*unused*/, const PGresult* /*notice*/) {}, nullptr);
  return handle;
}

[[noreturn]] void throw_error_of(PGconn* connection, const PGresult* result) {
  const char* const sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);
  if (sqlstate == nullptr) throw DatabaseError("08006", on_one_line(PQerrorMessage(connection)));
  throw DatabaseError(sqlstate, on_one_line(PQresultErrorMessage(result)));
}

/// Waits until a result or the end of the connection is there.
void await_result(PGconn* connection, std::chrono::steady_clock::time_point deadline) {
  while (PQisBusy(connection) != 0) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    if (left.count() <= 0) throw DatabaseError("57014", "the database took too long");
    pollfd socket{.fd = PQsocket(connection), .events = POLLIN, .revents = 0};
    constexpr std::chrono::milliseconds longest = std::chrono::hours(24);
    const int ready = poll(&socket, 1, static_cast<int>(std::min(left, longest).count()));
    if (ready < 0 && errno != EINTR) throw DatabaseError("08006", "the connection cannot be waited for");
    if (ready > 0 && PQconsumeInput(connection) == 0) {
      throw DatabaseError("08006", on_one_line(PQerrorMessage(connection)));
    }
  }
}

BlockingConnection::Rows rows_of(const PGresult* result) {
  BlockingConnection::Rows rows(static_cast<std::size_t>(PQntuples(result)));
  for (std::size_t row = 0; row < rows.size(); ++row) {
    for (int column = 0; column < PQnfields(result); ++column) {
      rows[row].emplace_back(PQgetvalue(result, static_cast<int>(row), column));
    }
  }
  return rows;
}

}  // namespace

BlockingConnection::BlockingConnection(const std::string& url, std::chrono::seconds connect_within)
    : handle_(open(url, connect_within)) {}

BlockingConnection::Rows BlockingConnection::run(const std::string& sql, std::chrono::milliseconds within) {
  PGconn* const connection = handle_.get();
  const auto deadline = std::chrono::steady_clock::now() + within;
  if (PQsendQuery(connection, sql.c_str()) == 0) {
    throw DatabaseError("08006", on_one_line(PQerrorMessage(connection)));
  }
  Rows rows;
  ResultOwner failed(nullptr, PQclear);
  for (;;) {
    await_result(connection, deadline);
    ResultOwner result(PQgetResult(connection), PQclear);
    if (result == nullptr) break;
    switch (PQresultStatus(result.get())) {
      case PGRES_TUPLES_OK: rows = rows_of(result.get()); break;
      case PGRES_COMMAND_OK:
      case PGRES_EMPTY_QUERY: rows.clear(); break;
      case PGRES_COPY_IN:
      case PGRES_COPY_OUT:
      case PGRES_COPY_BOTH: throw DatabaseError("0A000", "COPY from or to the client is not supported");
      default:
        if (failed == nullptr) failed = std::move(result);
    }
  }
  if (failed != nullptr) throw_error_of(connection, failed.get());
  return rows;
}

std::string BlockingConnection::value(const std::string& sql, std::chrono::milliseconds within) {
  const Rows rows = run(sql, within);
  if (rows.size() != 1 || rows.front().size() != 1) {
    throw DatabaseError("21000", fmt::format("not one value: {}", sql));
  }
  return rows.front().front();
}

Handle BlockingConnection::take() && {
  if (PQsetnonblocking(handle_.get(), 1) != 0) {
    throw DatabaseError("08006", on_one_line(PQerrorMessage(handle_.get())));
  }
  return std::move(handle_);
}

bool BlockingConnection::is_behind_pooler(std::chrono::milliseconds within) {
  return value("SELECT pg_backend_pid()", within) != std::to_string(PQbackendPID(handle_.get()));
}

}  // namespace chopin::data::postgres
