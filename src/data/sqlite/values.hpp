#pragma once

#include <string_view>
#include <vector>

#include "chopin/statement.hpp"

struct sqlite3_stmt;  // NOLINT(readability-identifier-naming): it is SQLite's

namespace chopin::data::sqlite {

// Between PostgreSQL's bytes, see append_value, and SQLite's values.

/// `places[i]`: the index of the parameter with types[i] in SQLite's statement. `values` must stay as they
/// are until the statement is reset: texts are not copied. Throws DatabaseError.
void bind_values(sqlite3_stmt* statement, const std::vector<Type>& types, const std::vector<int>& places,
                 std::string_view values);
/// Appends the row at which the statement stands. Throws DatabaseError 42804 and 22003, naming the column.
void append_row(sqlite3_stmt* statement, const std::vector<Type>& types, ByteBuffer& out);

}  // namespace chopin::data::sqlite
