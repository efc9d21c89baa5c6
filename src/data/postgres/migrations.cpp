#include "data/postgres/migrations.hpp"

#include <algorithm>
#include <cstdint>
#include <stdexcept>

#include <fmt/core.h>

#include "chopin/database_error.hpp"
#include "data/postgres/blocking_connection.hpp"
#include "text/number.hpp"

namespace chopin::data::postgres {
namespace {

/// "chopin" in ASCII. Whoever migrates the same database holds it, in any version of the program.
constexpr std::int64_t lock_key = 0x63686f70696e;
constexpr std::chrono::seconds connect_within{10};
constexpr std::chrono::milliseconds any_step = std::chrono::hours(1);  // building an index may take long

/// A step under the lock, in one transaction: so that it works through a pooler too, which may give each
/// transaction another connection. Ends it without a commit if it is not asked to.
class LockedStep {
 public:
  LockedStep(BlockingConnection& connection, std::chrono::milliseconds lock_wait) : connection_(connection) {
    connection_.run(
        fmt::format("BEGIN; SET LOCAL lock_timeout = {}; SET LOCAL statement_timeout = 0; "
                    "SET LOCAL idle_in_transaction_session_timeout = 0; "
                    "SET LOCAL standard_conforming_strings = on; SELECT pg_advisory_xact_lock({})",
                    lock_wait.count(), lock_key),
        lock_wait + any_step);
  }
  ~LockedStep() {
    if (is_committed_) return;
    try {
      connection_.run("ROLLBACK", std::chrono::seconds(1));
    } catch (const std::exception&) {  // NOLINT(bugprone-empty-catch): the end of the connection does it
    }
  }
  LockedStep(const LockedStep&) = delete;
  LockedStep& operator=(const LockedStep&) = delete;

  void run(const std::string& sql) { connection_.run(sql, any_step); }
  std::string value(const std::string& sql) { return connection_.value(sql, any_step); }
  void commit() {
    run("COMMIT");
    is_committed_ = true;
  }

 private:
  BlockingConnection& connection_;
  bool is_committed_ = false;
};

std::string in_quotes(std::string_view text) {
  std::string literal = "'";
  for (const char c : text) literal += c == '\'' ? "''" : std::string(1, c);
  return literal + "'";
}

/// 0 if there is none. First asks whether there is a table, because who may use a schema may still not
/// create in it.
std::uint64_t current_version(LockedStep& step) {
  if (step.value("SELECT to_regclass('chopin_migrations') IS NULL") == "t") {
    step.run(
        "CREATE TABLE chopin_migrations(version integer PRIMARY KEY, name text NOT NULL, "
        "applied_at timestamptz NOT NULL DEFAULT now())");
  }
  return text::to_number(step.value("SELECT coalesce(max(version), 0) FROM chopin_migrations")).value_or(0);
}

void run_migration(LockedStep& step, const Migration& migration) {
  try {
    step.run(migration.script.postgres);
  } catch (const DatabaseError& error) {
    throw DatabaseError(error.sqlstate(), fmt::format("migration {} ({}): {}", migration.version,
                                                      migration.name, error.detail()));
  }
  step.run(fmt::format("INSERT INTO chopin_migrations(version, name) VALUES ({}, {})", migration.version,
                       in_quotes(migration.name)));
}

/// Whether there may be more to do.
bool run_next_migration(BlockingConnection& connection, const Schema& schema,
                        std::chrono::milliseconds lock_wait) {
  LockedStep step(connection, lock_wait);
  const std::uint64_t version = current_version(step);
  const std::uint32_t last = schema.migrations.back().version;
  if (version > last) {
    throw DatabaseError(
        "55000", fmt::format("the database is at version {}, but this program knows versions up to {} only",
                             version, last));
  }
  const auto next = std::ranges::find_if(
      schema.migrations, [version](const Migration& migration) { return migration.version > version; });
  if (next == schema.migrations.end()) return false;
  run_migration(step, *next);
  step.commit();
  return true;
}

void check_versions(const Schema& schema) {
  std::uint32_t before = 0;
  for (const Migration& migration : schema.migrations) {
    if (migration.version <= before) {
      throw std::invalid_argument(
          fmt::format("Schema: after version {} of a migration comes {}: they ascend "
                      "from 1",
                      before, migration.version));
    }
    before = migration.version;
  }
}

}  // namespace

unsigned migrate(const std::string& url, const Schema& schema, bool seed,
                 std::chrono::milliseconds lock_wait) {
  check_versions(schema);
  const bool has_seed = seed && !schema.seed.postgres.empty();
  if (schema.migrations.empty() && !has_seed) return 0;
  BlockingConnection connection(url, connect_within);
  unsigned count = 0;
  if (!schema.migrations.empty()) {
    while (run_next_migration(connection, schema, lock_wait)) ++count;
  }
  if (has_seed) {
    LockedStep step(connection, lock_wait);
    step.run(schema.seed.postgres);
    step.commit();
  }
  return count;
}

}  // namespace chopin::data::postgres
