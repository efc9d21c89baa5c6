#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

#include <fmt/core.h>

#include "doctor/checks.hpp"
#include "doctor/restart.hpp"
#include "doctor/shell.hpp"

namespace chopin::doctor {
namespace {

using data::postgres::ServerFacts;

/// As Database::maker shares them out: a worker that has a database has at least one.
std::size_t connections_of(const Facts& facts) {
  const std::size_t connections = facts.config.database.connections;
  return connections == 0 ? 2 * facts.workers : connections;
}

Row database(const Facts& facts) {
  const DatabaseFacts& found = facts.database;
  Row row{.name = "database",
          .wanted = "one that can be reached",
          .why = "without it, routes that need it respond with 503",
          .found = found.shown};
  if (found.is_postgres && !found.server) {
    row.found = fmt::format("{}: {}", found.shown, found.fault);
    row.warn("pg_isready -d " + shell_word(found.shown));
  } else if (found.shown == "none") {
    row.note({});
  }
  return row;
}

Row server_version(const ServerFacts& server, const std::string& libpq) {
  return {.name = "PostgreSQL",
          .wanted = "known",
          .why = "figures are comparable for the same versions only",
          .found = fmt::format("{}, libpq {}", server.version, libpq)};
}

Row max_connections(const ServerFacts& server, const Facts& facts) {
  const std::size_t wanted = connections_of(facts);
  std::string found =
      fmt::format("{}, {} reserved, {} in use", server.max_connections, server.reserved, server.in_use);
  if (server.limit > 0) found += fmt::format(", {} for this role or database", server.limit);
  Row row{.name = "max_connections",
          .wanted = fmt::format("{} more than are in use, for --database-connections", wanted),
          .why = "the server refuses further connections, and requests wait for those that there are",
          .found = std::move(found)};
  if (server.is_behind_pooler) {
    row.found += "; the pooler decides";
    return row;
  }
  const std::uint64_t available = server.available();
  const std::uint64_t left = available - std::min(available, server.in_use);
  if (left >= wanted) return row;
  const std::uint64_t fitting = std::max<std::uint64_t>(left, 1);
  row.warn(restart_with({{"--database-connections", std::to_string(fitting)}}, facts.flags));
  return row;
}

Row pooler(const ServerFacts& server, const Facts& facts) {
  const bool is_there = server.is_behind_pooler;
  const std::uint32_t pipeline = facts.config.database.pipeline;
  Row row{
      .name = "pooler",
      .wanted = is_there ? "--database-pipeline 1" : "--database-pipeline above 1",
      .why = is_there ? "poolers such as pgbouncer 1.18 support neither several requests in flight nor "
                        "prepared statements that outlast a transaction"
                      : "with 1, for poolers, each query of a connection waits for the one before it",
      .found = fmt::format("{}, {} in flight on a connection", is_there ? "there is one" : "none", pipeline)};
  if (is_there && pipeline > 1) row.warn(restart_with({{"--database-pipeline", "1"}}, facts.flags));
  if (!is_there && pipeline == 1) row.note(restart_with({{"--database-pipeline", "8"}}, facts.flags));
  return row;
}

}  // namespace

std::vector<Row> database_rows(const Facts& facts) {
  std::vector<Row> rows{database(facts)};
  if (const auto& server = facts.database.server; server) {
    rows.push_back(server_version(*server, facts.database.libpq));
    rows.push_back(max_connections(*server, facts));
    rows.push_back(pooler(*server, facts));
  }
  return rows;
}

}  // namespace chopin::doctor
