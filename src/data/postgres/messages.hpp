#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "chopin/byte_buffer.hpp"
#include "chopin/statement.hpp"

namespace chopin::data::postgres {

// Messages of PostgreSQL's protocol 3.0, chapter 55 of its manual, "Message Formats". Pure functions on
// bytes.

// To the server. All throw std::bad_alloc.

/// `name`: of the prepared statement, empty for the unnamed one; holds no NUL.
void append_parse(ByteBuffer& out, std::string_view name, const StatementInfo& statement);
void append_close_statement(ByteBuffer& out, std::string_view name);
void append_describe_statement(ByteBuffer& out, std::string_view name);
void append_describe_portal(ByteBuffer& out);
/// `parameters`: as `append_value` writes them, as many as the statement has.
void append_bind(ByteBuffer& out, std::string_view name, const StatementInfo& statement,
                 std::string_view parameters);
/// Of the unnamed portal, all rows.
void append_execute(ByteBuffer& out);
void append_sync(ByteBuffer& out);

// From the server.

/// A message without its length.
struct Message {
  char type = 0;
  std::string_view body;
};

/// The longest message that is taken, in bytes.
inline constexpr std::size_t most_in_message = std::size_t{64} * 1024 * 1024;
/// The same for the types that hold neither rows nor texts of their own length, as in libpq: a greater length
/// is a sign that the bytes are not where a message begins.
inline constexpr std::size_t most_in_short_message = 30'000;

/// The first message in `bytes`, whose size is 5 more than its body's. None if it is not complete: then
/// `is_malformed` says whether it ever can be.
std::optional<Message> first_message(std::string_view bytes, bool& is_malformed) noexcept;

/// ErrorResponse and NoticeResponse. What is missing is empty.
struct ServerFault {
  std::string_view severity;  // V, which is not translated, or else S
  std::string_view sqlstate;
  std::string_view message;
  std::string_view detail;
};
/// None if `body` is malformed.
std::optional<ServerFault> read_fault(std::string_view body) noexcept;

/// Whether the body of a message whose contents are not used is as its type says. True for all others.
bool is_well_formed(const Message& message) noexcept;

struct Columns {
  std::size_t count = 0;
  /// What is wrong with them for the statement; empty if nothing. "column 2 (name) is of the type with OID
  /// 25, and is declared as std::int32_t".
  std::string fault{};
};
/// Of a RowDescription. None if its body is malformed.
std::optional<Columns> read_columns(std::string_view body, const StatementInfo& statement);
/// None if the body of a DataRow has not exactly so many values, which end where it does. Otherwise the
/// values, as in `append_value`.
std::optional<std::string_view> read_row(std::string_view body, std::size_t columns) noexcept;
/// The last number in the tag of a CommandComplete, 0 if there is none: "INSERT 0 3", "BEGIN". None if the
/// body is malformed.
std::optional<std::uint64_t> read_affected(std::string_view body) noexcept;

}  // namespace chopin::data::postgres
