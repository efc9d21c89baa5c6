#include "chopin/statement.hpp"

#include <atomic>
#include <bit>
#include <stdexcept>

#include "text/big_endian.hpp"

namespace chopin::data {
namespace {

std::uint32_t next_id() noexcept {
  static std::atomic<std::uint32_t> next = 0;
  return next.fetch_add(1, std::memory_order_relaxed);
}

template <class Integer>
void append_number(ByteBuffer& out, Integer value) {
  text::append_big_endian(out, static_cast<std::int32_t>(sizeof(Integer)));
  text::append_big_endian(out, value);
}

std::int32_t length_of(std::size_t size) {
  constexpr std::size_t most = std::size_t{1} << 30U;  // PostgreSQL takes no value of more
  if (size > most) throw std::length_error("a value of more than 1 GiB cannot be given to a database");
  return static_cast<std::int32_t>(size);
}

}  // namespace

StatementInfo::StatementInfo(std::string sql, std::string sqlite_sql, std::vector<Type> parameter_types,
                             std::vector<Type> column_types, bool is_bounded, bool is_slow)
    : id(next_id()),
      postgres(std::move(sql)),
      sqlite(sqlite_sql.empty() ? postgres : std::move(sqlite_sql)),
      parameters(std::move(parameter_types)),
      columns(std::move(column_types)),
      bounded(is_bounded),
      slow(is_slow) {}

std::string_view name_of(Type type) noexcept {
  switch (type) {
    case Type::boolean: return "bool";
    case Type::int32: return "std::int32_t";
    case Type::int64: return "std::int64_t";
    case Type::float64: return "double";
    case Type::text: return "std::string_view";
    case Type::json: return "chopin::JsonText";
    case Type::int32_array: break;
  }
  return "an array, which only a parameter can be";
}

void append_value(ByteBuffer& out, bool value) {
  append_number(out, static_cast<std::int8_t>(value ? 1 : 0));
}

void append_value(ByteBuffer& out, std::int32_t value) {
  append_number(out, value);
}

void append_value(ByteBuffer& out, std::int64_t value) {
  append_number(out, value);
}

void append_value(ByteBuffer& out, double value) {
  append_number(out, std::bit_cast<std::int64_t>(value));
}

void append_value(ByteBuffer& out, std::string_view value) {
  text::append_big_endian(out, length_of(value.size()));
  out.append(value);
}

void append_value(ByteBuffer& out, JsonText value) {
  append_value(out, value.text);
}

void append_value(ByteBuffer& out, std::span<const std::int32_t> values) {
  text::append_big_endian(out, length_of(sizeof(std::int32_t) * (values.size() + 1)));
  text::append_big_endian(out, static_cast<std::int32_t>(values.size()));
  for (const std::int32_t value : values) text::append_big_endian(out, value);
}

void append_null(ByteBuffer& out) {
  text::append_big_endian(out, std::int32_t{-1});
}

}  // namespace chopin::data
