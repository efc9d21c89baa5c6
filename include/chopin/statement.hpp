#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "chopin/byte_buffer.hpp"

namespace chopin {

/// A value of type json or jsonb, as the database writes it; JsonWriter::raw copies it.
struct JsonText {
  std::string_view text;
};

/// What a statement returns, column by column: bool, std::int32_t, std::int64_t, double, std::string_view,
/// JsonText, or a std::optional of one of these where it may be null. Dates and times are kept as numbers:
/// days or milliseconds since 1970.
template <class... Columns>
struct Row {};

namespace data {

enum class Type : std::uint8_t { boolean, int32, int64, float64, text, json, int32_array };

template <class Value>
inline constexpr bool has_type = false;  // as `static_assert` must not fail before a type is given
template <class Value>
struct TypeOf : std::integral_constant<Type, Type::text> {
  static_assert(has_type<Value>,
                "a column or parameter is bool, std::int32_t, std::int64_t, double, std::string_view (not "
                "std::string), chopin::JsonText, or a std::optional of one of these; see "
                "chopin/statement.hpp");
};
template <>
struct TypeOf<bool> : std::integral_constant<Type, Type::boolean> {};
template <>
struct TypeOf<std::int32_t> : std::integral_constant<Type, Type::int32> {};
template <>
struct TypeOf<std::int64_t> : std::integral_constant<Type, Type::int64> {};
template <>
struct TypeOf<double> : std::integral_constant<Type, Type::float64> {};
template <>
struct TypeOf<std::string_view> : std::integral_constant<Type, Type::text> {};
template <>
struct TypeOf<JsonText> : std::integral_constant<Type, Type::json> {};
/// As a parameter only: int4[] in PostgreSQL, a JSON array in SQLite.
template <>
struct TypeOf<std::span<const std::int32_t>> : std::integral_constant<Type, Type::int32_array> {};
template <class Value>
struct TypeOf<std::optional<Value>> : TypeOf<Value> {};

/// What a type is called in a declaration.
[[nodiscard]] std::string_view name_of(Type type) noexcept;

/// A statement as both databases see it. Immutable.
struct StatementInfo {
  std::uint32_t id = 0;  ///< counts the statements of the process from 0
  std::string postgres;
  std::string sqlite;
  std::vector<Type> parameters;
  std::vector<Type> columns;
  bool bounded = false;  ///< see StatementOptions
  bool slow = false;

  StatementInfo(std::string sql, std::string sqlite_sql, std::vector<Type> parameter_types,
                std::vector<Type> column_types, bool is_bounded, bool is_slow);
};

// Values as they are in PostgreSQL's messages, with both databases: for each a length of 32 bits, -1 for
// null, and the bytes; integers and doubles in network byte order, texts and JSON as they are, an array as a
// 32-bit count and its integers.

void append_value(ByteBuffer& out, bool value);
void append_value(ByteBuffer& out, std::int32_t value);
void append_value(ByteBuffer& out, std::int64_t value);
void append_value(ByteBuffer& out, double value);
void append_value(ByteBuffer& out, std::string_view value);
void append_value(ByteBuffer& out, JsonText value);
void append_value(ByteBuffer& out, std::span<const std::int32_t> values);
void append_null(ByteBuffer& out);
template <class Value>
void append_value(ByteBuffer& out, const std::optional<Value>& value) {
  value ? append_value(out, *value) : append_null(out);
}

}  // namespace data

struct StatementOptions {
  /// The text for SQLite, if PostgreSQL's does not suit it.
  std::string sqlite = {};
  /// Reads a bounded number of rows by an index: with an SQLite database in memory, workers run it
  /// themselves.
  bool bounded = false;
  /// Takes long: runs on a connection of its own, so that others do not wait behind it.
  bool slow = false;
};

template <class Signature>
class Statement;

/// A statement with its parameters. Give it to a Database or a Transaction at once: it may refer to the texts
/// among them.
template <class... Columns>
struct BoundStatement {
  const data::StatementInfo* statement = nullptr;
  ByteBuffer parameters;
};

/// SQL that is declared once, with parameters $1, $2, ... and the types of both them and the columns.
///
///     const chopin::Statement<chopin::Row<std::int32_t, std::string_view>(std::int32_t)> find_item(
///         "SELECT id, name FROM items WHERE id = $1", {.bounded = true});
///     ...
///     for (const auto& [id, name] : co_await database.query(find_item(7))) ...
///
/// It is prepared on each connection when it is first used there, and the columns' types are compared with
/// the declared ones then.
///
/// Thread safety: immutable.
/// Lifetime: at least that of the last server that uses it; declare it at namespace scope or static.
/// Throws: std::bad_alloc.
template <class... Columns, class... Parameters>
class Statement<Row<Columns...>(Parameters...)> {
 public:
  explicit Statement(std::string sql, StatementOptions options = {})
      : info_(std::move(sql), std::move(options.sqlite), {data::TypeOf<Parameters>::value...},
              {data::TypeOf<Columns>::value...}, options.bounded, options.slow) {}
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  [[nodiscard]] BoundStatement<Columns...> operator()(const Parameters&... values) const {
    BoundStatement<Columns...> bound{&info_, ByteBuffer()};
    (data::append_value(bound.parameters, values), ...);
    return bound;
  }
  [[nodiscard]] const data::StatementInfo& info() const noexcept { return info_; }

 private:
  data::StatementInfo info_;
};

}  // namespace chopin
