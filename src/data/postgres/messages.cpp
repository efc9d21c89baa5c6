#include "data/postgres/messages.hpp"

#include <algorithm>
#include <charconv>
#include <initializer_list>
#include <span>

#include <fmt/core.h>

#include "text/big_endian.hpp"

namespace chopin::data::postgres {
namespace {

using text::load_big_endian;

/// Sizes and counts have 16 or 32 bits in messages.
template <class Integer>
void append_number(ByteBuffer& out, std::size_t value) {
  text::append_big_endian(out, static_cast<Integer>(value));
}

void append_text(ByteBuffer& out, std::string_view text) {
  out.append(text);
  out.push_back('\0');
}

/// Begins a message; its length is known at the end.
class MessageWriter {
 public:
  MessageWriter(ByteBuffer& out, char type) : out_(out), length_at_(out.size() + 1) {
    out.push_back(type);
    append_number<std::uint32_t>(out, 0);
  }
  void end() noexcept {
    const auto length = static_cast<std::uint32_t>(out_.size() - length_at_);
    text::store_big_endian(out_.prepare(0) - length, length);
  }

 private:
  ByteBuffer& out_;
  std::size_t length_at_;
};

void append_named(ByteBuffer& out, char type, char kind, std::string_view name) {
  MessageWriter message(out, type);
  out.push_back(kind);
  append_text(out, name);
  message.end();
}

/// The type in PostgreSQL's catalog (pg_type.dat). 0: the server finds out itself, so that a text may be
/// given for a date or for JSON.
std::uint32_t oid_of_parameter(Type type) noexcept {
  switch (type) {
    case Type::boolean: return 16;
    case Type::int32: return 23;
    case Type::int64: return 20;
    case Type::float64: return 701;
    case Type::int32_array: return 1007;
    case Type::text:
    case Type::json: break;
  }
  return 0;
}

bool is_binary(Type type) noexcept {
  return type != Type::text && type != Type::json;
}

void append_formats(ByteBuffer& out, std::span<const Type> types) {
  append_number<std::uint16_t>(out, types.size());
  for (const Type type : types) append_number<std::uint16_t>(out, is_binary(type) ? 1 : 0);
}

/// One dimension from 1 on, no nulls, of int4: array_recv in PostgreSQL's arrayfuncs.c.
void append_array(ByteBuffer& out, std::string_view counted) {
  constexpr std::size_t width = sizeof(std::uint32_t);
  const std::size_t count = (counted.size() - width) / width;
  append_number<std::uint32_t>(out, 5 * width + count * 2 * width);
  append_number<std::uint32_t>(out, 1);                              // dimensions
  append_number<std::uint32_t>(out, 0);                              // no nulls
  append_number<std::uint32_t>(out, oid_of_parameter(Type::int32));  // of the elements
  append_number<std::uint32_t>(out, count);
  append_number<std::uint32_t>(out, 1);  // the first index
  for (std::size_t i = 1; i <= count; ++i) {
    append_number<std::uint32_t>(out, width);
    out.append(counted.substr(i * width, width));
  }
}

void append_parameters(ByteBuffer& out, std::span<const Type> types, std::string_view parameters) {
  append_number<std::uint16_t>(out, types.size());
  if (std::ranges::find(types, Type::int32_array) == types.end()) return out.append(parameters);
  for (const Type type : types) {
    const auto length = load_big_endian<std::int32_t>(parameters);
    const std::size_t size = sizeof length + static_cast<std::size_t>(std::max(length, 0));
    if (type == Type::int32_array && length >= 0) {
      append_array(out, parameters.substr(sizeof length, size - sizeof length));
    } else {
      out.append(parameters.substr(0, size));
    }
    parameters.remove_prefix(size);
  }
}

bool is_readable_as(std::uint32_t oid, Type type) noexcept {
  const auto is_one_of = [oid](std::initializer_list<std::uint32_t> oids) {
    return std::ranges::find(oids, oid) != oids.end();
  };
  switch (type) {
    case Type::boolean: return oid == 16;
    case Type::int32: return is_one_of({21, 23});
    case Type::int64: return is_one_of({20, 21, 23});
    case Type::float64: return is_one_of({700, 701});
    case Type::json: return is_one_of({114, 3802});
    case Type::text: return true;  // every type has a text
    case Type::int32_array: break;
  }
  return false;
}

/// The text up to the next NUL, which is removed with it. None if there is no NUL.
std::optional<std::string_view> take_text(std::string_view& bytes) noexcept {
  const std::size_t size = bytes.find('\0');
  if (size == std::string_view::npos) return std::nullopt;
  const std::string_view text = bytes.substr(0, size);
  bytes.remove_prefix(size + 1);
  return text;
}

/// What may hold rows or texts.
bool may_be_long(char type) noexcept {
  return std::string_view("TDENA").find(type) != std::string_view::npos;
}

/// Whether these are so many texts and nothing else.
bool are_texts(std::string_view bytes, int count) noexcept {
  for (int i = 0; i < count; ++i) {
    if (!take_text(bytes)) return false;
  }
  return bytes.empty();
}

}  // namespace

void append_parse(ByteBuffer& out, std::string_view name, const StatementInfo& statement) {
  MessageWriter message(out, 'P');
  append_text(out, name);
  append_text(out, statement.postgres);
  append_number<std::uint16_t>(out, statement.parameters.size());
  for (const Type type : statement.parameters) append_number<std::uint32_t>(out, oid_of_parameter(type));
  message.end();
}

void append_close_statement(ByteBuffer& out, std::string_view name) {
  append_named(out, 'C', 'S', name);
}

void append_describe_statement(ByteBuffer& out, std::string_view name) {
  append_named(out, 'D', 'S', name);
}

void append_describe_portal(ByteBuffer& out) {
  append_named(out, 'D', 'P', "");
}

void append_bind(ByteBuffer& out, std::string_view name, const StatementInfo& statement,
                 std::string_view parameters) {
  MessageWriter message(out, 'B');
  append_text(out, "");  // the unnamed portal
  append_text(out, name);
  append_formats(out, statement.parameters);
  append_parameters(out, statement.parameters, parameters);
  append_formats(out, statement.columns);
  message.end();
}

void append_execute(ByteBuffer& out) {
  out.append(std::string_view("E\0\0\0\x09\0\0\0\0\0", 10));  // unnamed portal, all rows
}

void append_sync(ByteBuffer& out) {
  out.append(std::string_view("S\0\0\0\x04", 5));
}

std::optional<Message> first_message(std::string_view bytes, bool& is_malformed) noexcept {
  constexpr std::size_t width = sizeof(std::uint32_t);
  is_malformed = false;
  if (bytes.size() < 1 + width) return std::nullopt;
  const std::size_t length = load_big_endian<std::uint32_t>(bytes.substr(1));  // counts itself
  if (length < width || length > (may_be_long(bytes.front()) ? most_in_message : most_in_short_message)) {
    is_malformed = true;
    return std::nullopt;
  }
  if (bytes.size() < 1 + length) return std::nullopt;
  return Message{bytes.front(), bytes.substr(1 + width, length - width)};
}

std::optional<ServerFault> read_fault(std::string_view body) noexcept {
  ServerFault fault;
  while (!body.empty()) {
    const char field = body.front();
    body.remove_prefix(1);
    if (field == '\0') return body.empty() ? std::optional(fault) : std::nullopt;
    const auto text = take_text(body);
    if (!text) return std::nullopt;
    switch (field) {
      case 'S':
        if (fault.severity.empty()) fault.severity = *text;
        break;
      case 'V': fault.severity = *text; break;
      case 'C': fault.sqlstate = *text; break;
      case 'M': fault.message = *text; break;
      case 'D': fault.detail = *text; break;
      default: break;
    }
  }
  return std::nullopt;
}

bool is_well_formed(const Message& message) noexcept {
  const std::string_view body = message.body;
  switch (message.type) {
    case '1':
    case '2':
    case '3':
    case 'I':
    case 'n': return body.empty();
    case 't':
      return body.size() >= sizeof(std::uint16_t) &&
             body.size() == sizeof(std::uint16_t) +
                                sizeof(std::uint32_t) * std::size_t{load_big_endian<std::uint16_t>(body)};
    case 'S': return are_texts(body, 2);
    case 'A': return body.size() >= sizeof(std::uint32_t) && are_texts(body.substr(sizeof(std::uint32_t)), 2);
    case 'N': return read_fault(body).has_value();
    default: return true;
  }
}

std::optional<Columns> read_columns(std::string_view body, const StatementInfo& statement) {
  // After the name: table, number of the column, type, size, modifier, format.
  constexpr std::size_t width = 18;
  constexpr std::size_t type_at = 6;
  if (body.size() < sizeof(std::uint16_t)) return std::nullopt;
  Columns columns{.count = load_big_endian<std::uint16_t>(body)};
  body.remove_prefix(sizeof(std::uint16_t));
  if (columns.count != statement.columns.size()) {
    columns.fault = fmt::format("it returns {} columns, and is declared with {}", columns.count,
                                statement.columns.size());
  }
  for (std::size_t i = 0; i < columns.count; ++i) {
    const auto name = take_text(body);
    if (!name || body.size() < width) return std::nullopt;
    const auto oid = load_big_endian<std::uint32_t>(body.substr(type_at));
    if (columns.fault.empty() && !is_readable_as(oid, statement.columns[i])) {
      columns.fault = fmt::format("column {} ({}) is of the type with OID {}, and is declared as {}", i + 1,
                                  *name, oid, name_of(statement.columns[i]));
    }
    body.remove_prefix(width);
  }
  if (!body.empty()) return std::nullopt;
  return columns;
}

std::optional<std::string_view> read_row(std::string_view body, std::size_t columns) noexcept {
  if (body.size() < sizeof(std::uint16_t) || load_big_endian<std::uint16_t>(body) != columns) {
    return std::nullopt;
  }
  const std::string_view values = body.substr(sizeof(std::uint16_t));
  std::size_t at = 0;
  for (std::size_t i = 0; i < columns; ++i) {
    if (values.size() - at < sizeof(std::int32_t)) return std::nullopt;
    const auto length = load_big_endian<std::int32_t>(values.substr(at));
    at += sizeof length;
    if (length < -1) return std::nullopt;
    if (length < 0) continue;
    if (values.size() - at < static_cast<std::size_t>(length)) return std::nullopt;
    at += static_cast<std::size_t>(length);
  }
  if (at != values.size()) return std::nullopt;
  return values;
}

std::optional<std::uint64_t> read_affected(std::string_view body) noexcept {
  const auto tag = take_text(body);
  if (!tag || !body.empty()) return std::nullopt;
  const std::string_view last = tag->substr(tag->find_last_of(' ') + 1);  // npos + 1 is 0
  std::uint64_t affected = 0;
  const auto [end, error] = std::from_chars(last.data(), last.data() + last.size(), affected);
  return error == std::errc() && end == last.data() + last.size() ? affected : 0;
}

}  // namespace chopin::data::postgres
