#include "data/sqlite/migrations.hpp"

#include <memory>
#include <sqlite3.h>
#include <string>

#include <fmt/core.h>

#include "chopin/database_error.hpp"

namespace chopin::data::sqlite {
namespace {

/// Rolls back unless it is committed.
class OpenTransaction {
 public:
  explicit OpenTransaction(Connection& connection) : connection_(connection) {
    connection.execute(Command::begin_immediate);
  }
  ~OpenTransaction() { connection_.roll_back(); }
  OpenTransaction(const OpenTransaction&) = delete;
  OpenTransaction& operator=(const OpenTransaction&) = delete;

  void run_script(const std::string& script, const std::string& what) {
    try {
      connection_.execute(script.c_str());
    } catch (const DatabaseError& error) {
      // The whole script would be in the message: the part after it is SQLite's.
      throw DatabaseError(error.sqlstate(),
                          fmt::format("{}: {}", what, sqlite3_errmsg(connection_.handle())));
    }
    if (!connection_.has_transaction()) {
      throw DatabaseError("2D000", fmt::format("{} ends the transaction in which it is run", what));
    }
  }
  void commit() { connection_.execute(Command::commit); }

 private:
  Connection& connection_;
};

std::int64_t version_of(Connection& connection) {
  return connection.number("SELECT coalesce(max(version), 0) FROM chopin_migrations");
}

void note_migration(Connection& connection, const Migration& migration) {
  const std::unique_ptr<char, void (*)(void*)> sql(
      sqlite3_mprintf("INSERT INTO chopin_migrations(version, name) VALUES (%u, %Q)", migration.version,
                      migration.name.c_str()),
      sqlite3_free);
  if (sql == nullptr) throw std::bad_alloc();
  connection.execute(sql.get());
}

}  // namespace

unsigned run_migrations(Connection& connection, const Schema& schema) {
  if (schema.migrations.empty()) return 0;
  connection.execute(
      "CREATE TABLE IF NOT EXISTS chopin_migrations(version INTEGER PRIMARY KEY, name TEXT NOT NULL)");
  const std::uint32_t last = schema.migrations.back().version;
  if (const std::int64_t version = version_of(connection); version > last) {
    throw DatabaseError("55000",
                        fmt::format("the database is newer than the program: its tables have version {}, and "
                                    "the last one known here is {}",
                                    version, last));
  }
  unsigned count = 0;
  for (const Migration& migration : schema.migrations) {
    OpenTransaction transaction(connection);
    if (migration.version <= version_of(connection)) continue;  // perhaps by another process, just now
    transaction.run_script(migration.script.sqlite,
                           fmt::format("migration {} ({})", migration.version, migration.name));
    note_migration(connection, migration);
    transaction.commit();
    ++count;
  }
  return count;
}

void run_seed(Connection& connection, const Schema& schema) {
  if (schema.seed.sqlite.empty()) return;
  OpenTransaction transaction(connection);
  transaction.run_script(schema.seed.sqlite, "the seed");
  transaction.commit();
}

}  // namespace chopin::data::sqlite
