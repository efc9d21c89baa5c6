#include "data/postgres/server_facts.hpp"

#include <algorithm>
#include <chrono>
#include <libpq-fe.h>

#include <fmt/core.h>

#include "chopin/database_error.hpp"
#include "data/postgres/blocking_connection.hpp"
#include "text/number.hpp"

namespace chopin::data::postgres {
namespace {

constexpr std::chrono::seconds patience{3};

/// reserved_connections is of PostgreSQL 16 and later. -1 is no limit.
constexpr const char* question =
    "SELECT current_setting('server_version'), current_setting('max_connections'), "
    "current_setting('superuser_reserved_connections')::int + "
    "coalesce(current_setting('reserved_connections', true), '0')::int, "
    "(SELECT coalesce(sum(numbackends), 1) - 1 FROM pg_stat_database WHERE datid <> 0), "
    "(SELECT rolconnlimit FROM pg_roles WHERE rolname = current_user), "
    "(SELECT datconnlimit FROM pg_database WHERE datname = current_database()), "
    "(SELECT rolsuper FROM pg_roles WHERE rolname = current_user)";

std::uint64_t number_or_none(const std::string& text) {
  return text::to_number(text).value_or(0);
}

/// The lower one of two limits, of which 0 is none.
std::uint64_t lower_limit(std::uint64_t one, std::uint64_t other) {
  if (one == 0 || other == 0) return std::max(one, other);
  return std::min(one, other);
}

}  // namespace

std::uint64_t ServerFacts::available() const noexcept {
  const std::uint64_t unreserved = max_connections - std::min(max_connections, reserved);
  return limit == 0 ? unreserved : std::min(unreserved, limit);
}

ServerFacts read_server_facts(const std::string& url) {
  BlockingConnection connection(url, patience);
  return read_server_facts(connection);
}

ServerFacts read_server_facts(BlockingConnection& connection) {
  const BlockingConnection::Rows rows = connection.run(question, patience);
  constexpr std::size_t columns = 7;
  if (rows.size() != 1 || rows.front().size() != columns) {
    throw DatabaseError("08P01", "the server does not know its settings");
  }
  const std::vector<std::string>& row = rows.front();
  const std::string version = row[0].substr(0, row[0].find(' '));  // "15.18 (Debian 15.18-0+deb12u1)"
  const bool is_superuser = row[6] == "t";
  return {.version = version,
          .max_connections = number_or_none(row[1]),
          .reserved = is_superuser ? 0 : number_or_none(row[2]),
          .in_use = number_or_none(row[3]),
          .limit = is_superuser ? 0 : lower_limit(number_or_none(row[4]), number_or_none(row[5])),
          .is_behind_pooler = connection.is_behind_pooler(patience)};
}

std::string fault_of_connections(const ServerFacts& facts, std::size_t wanted) {
  if (facts.is_behind_pooler || wanted <= facts.available()) return {};
  if (facts.limit == facts.available()) {
    return fmt::format("the role or the database may have {} connections: {} are more", facts.limit, wanted);
  }
  return fmt::format(
      "the server has max_connections={}, {} of them reserved: {} connections are more than the "
      "{} it can give",
      facts.max_connections, facts.reserved, wanted, facts.available());
}

std::string libpq_version() {
  const int number = PQlibVersion();  // 150018
  return fmt::format("{}.{}", number / 10000, number % 10000);
}

}  // namespace chopin::data::postgres
