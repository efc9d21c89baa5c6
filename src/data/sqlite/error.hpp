#pragma once

#include <string_view>

#include "chopin/database_error.hpp"

struct sqlite3;  // NOLINT(readability-identifier-naming): it is SQLite's

namespace chopin::data::sqlite {

/// What SQLite says, as an error with the SQLSTATE that PostgreSQL would use. `code`: an extended result
/// code. `doing`: what was tried, such as the statement's text; may be empty.
DatabaseError error_of(sqlite3* database, int code, std::string_view doing);

}  // namespace chopin::data::sqlite
