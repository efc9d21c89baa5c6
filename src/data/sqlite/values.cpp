#include "data/sqlite/values.hpp"

#include <bit>
#include <cstdint>
#include <limits>
#include <sqlite3.h>
#include <string>

#include <fmt/core.h>

#include "chopin/database_error.hpp"
#include "data/sqlite/error.hpp"
#include "text/big_endian.hpp"

namespace chopin::data::sqlite {
namespace {

/// The elements of an array as json_each reads them: "[1,2,3]".
std::string json_of_array(std::string_view bytes) {
  std::string json = "[";
  for (bytes.remove_prefix(sizeof(std::int32_t)); !bytes.empty(); bytes.remove_prefix(sizeof(std::int32_t))) {
    if (json.size() > 1) json += ',';
    json += std::to_string(text::load_big_endian<std::int32_t>(bytes));
  }
  return json + ']';
}

int bind(sqlite3_stmt* statement, int place, Type type, std::string_view bytes) {
  switch (type) {
    case Type::boolean: return sqlite3_bind_int(statement, place, bytes.front());
    case Type::int32: return sqlite3_bind_int(statement, place, text::load_big_endian<std::int32_t>(bytes));
    case Type::int64: return sqlite3_bind_int64(statement, place, text::load_big_endian<std::int64_t>(bytes));
    case Type::float64:
      return sqlite3_bind_double(statement, place,
                                 std::bit_cast<double>(text::load_big_endian<std::int64_t>(bytes)));
    case Type::text:
    case Type::json:
      return sqlite3_bind_text64(statement, place, bytes.data(), bytes.size(), SQLITE_STATIC, SQLITE_UTF8);
    case Type::int32_array: break;
  }
  const std::string json = json_of_array(bytes);
  return sqlite3_bind_text64(statement, place, json.data(), json.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
}

std::string_view name_of_storage(int storage) noexcept {
  switch (storage) {
    case SQLITE_INTEGER: return "an integer";
    case SQLITE_FLOAT: return "a float";
    case SQLITE_TEXT: return "a text";
    default: return "a blob";
  }
}

[[noreturn]] void refuse(sqlite3_stmt* statement, int column, Type type) {
  throw DatabaseError("42804", fmt::format("the column \"{}\" is declared as {}, and is {}",
                                           sqlite3_column_name(statement, column), name_of(type),
                                           name_of_storage(sqlite3_column_type(statement, column))));
}

std::int32_t narrow(sqlite3_stmt* statement, int column) {
  const std::int64_t wide = sqlite3_column_int64(statement, column);
  if (wide < std::numeric_limits<std::int32_t>::min() || wide > std::numeric_limits<std::int32_t>::max()) {
    throw DatabaseError("22003", fmt::format("the column \"{}\" is declared as std::int32_t, and is {}",
                                             sqlite3_column_name(statement, column), wide));
  }
  return static_cast<std::int32_t>(wide);
}

void append_column(sqlite3_stmt* statement, int column, Type type, ByteBuffer& out) {
  const int storage = sqlite3_column_type(statement, column);
  if (storage == SQLITE_NULL) return append_null(out);
  const bool is_integer = storage == SQLITE_INTEGER;
  if (type == Type::int32 && is_integer) return append_value(out, narrow(statement, column));
  if (type == Type::int64 && is_integer) {
    return append_value(out, std::int64_t{sqlite3_column_int64(statement, column)});
  }
  if (type == Type::boolean && is_integer) {
    return append_value(out, sqlite3_column_int64(statement, column) != 0);
  }
  if (type == Type::float64 && (is_integer || storage == SQLITE_FLOAT)) {
    return append_value(out, sqlite3_column_double(statement, column));
  }
  if ((type == Type::text || type == Type::json) && storage == SQLITE_TEXT) {
    const auto* const text = reinterpret_cast<const char*>(sqlite3_column_text(statement, column));
    if (text == nullptr) throw std::bad_alloc();
    const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement, column));
    return append_value(out, std::string_view(text, size));
  }
  refuse(statement, column, type);
}

}  // namespace

void bind_values(sqlite3_stmt* statement, const std::vector<Type>& types, const std::vector<int>& places,
                 std::string_view values) {
  for (std::size_t i = 0; i < types.size(); ++i) {
    const auto length = text::load_big_endian<std::int32_t>(values);
    values.remove_prefix(sizeof length);
    int code = SQLITE_OK;
    if (length < 0) {
      code = sqlite3_bind_null(statement, places[i]);
    } else {
      code = bind(statement, places[i], types[i], values.substr(0, static_cast<std::size_t>(length)));
      values.remove_prefix(static_cast<std::size_t>(length));
    }
    if (code != SQLITE_OK) {
      throw error_of(sqlite3_db_handle(statement), code, fmt::format("parameter ${}", i + 1));
    }
  }
}

void append_row(sqlite3_stmt* statement, const std::vector<Type>& types, ByteBuffer& out) {
  int column = 0;
  for (const Type type : types) append_column(statement, column++, type, out);
}

}  // namespace chopin::data::sqlite
