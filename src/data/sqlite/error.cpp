#include "data/sqlite/error.hpp"

#include <sqlite3.h>

#include <fmt/core.h>

namespace chopin::data::sqlite {
namespace {

std::string_view sqlstate_of_constraint(int code) noexcept {
  switch (code) {
    case SQLITE_CONSTRAINT_UNIQUE:
    case SQLITE_CONSTRAINT_PRIMARYKEY:
    case SQLITE_CONSTRAINT_ROWID: return "23505";
    case SQLITE_CONSTRAINT_FOREIGNKEY: return "23503";
    case SQLITE_CONSTRAINT_NOTNULL: return "23502";
    case SQLITE_CONSTRAINT_CHECK: return "23514";
    case SQLITE_CONSTRAINT_DATATYPE: return "22P02";
    default: return "23000";
  }
}

/// SQLITE_ERROR is all that has no code of its own, so the message decides.
std::string_view sqlstate_of_message(std::string_view message) noexcept {
  if (message.starts_with("no such table")) return "42P01";
  if (message.starts_with("no such column")) return "42703";
  if (message.starts_with("no such function")) return "42883";
  if (message.starts_with("integer overflow")) return "22003";
  if (message.starts_with("malformed JSON")) return "22P02";
  return "42601";
}

std::string_view sqlstate_of(int code, std::string_view message) noexcept {
  constexpr int primary = 0xff;
  switch (code & primary) {
    case SQLITE_CONSTRAINT: return sqlstate_of_constraint(code);
    case SQLITE_ERROR: return sqlstate_of_message(message);
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return "53300";
    case SQLITE_FULL: return "53100";
    case SQLITE_NOMEM: return "53200";
    case SQLITE_READONLY: return "25006";
    case SQLITE_CANTOPEN: return "08001";
    case SQLITE_IOERR:
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB: return "58030";
    case SQLITE_INTERRUPT: return "57014";
    case SQLITE_TOOBIG: return "22001";
    case SQLITE_MISMATCH: return "42804";
    case SQLITE_RANGE: return "42P02";
    case SQLITE_PERM:
    case SQLITE_AUTH: return "42501";
    default: return "XX000";
  }
}

}  // namespace

DatabaseError error_of(sqlite3* database, int code, std::string_view doing) {
  // Without a connection there is no message but the code's.
  const std::string_view message = database == nullptr ? sqlite3_errstr(code) : sqlite3_errmsg(database);
  return {sqlstate_of(code, message),
          doing.empty() ? std::string(message) : fmt::format("{}: {}", doing, message)};
}

}  // namespace chopin::data::sqlite
