#pragma once

#include <string>
#include <string_view>

#include "chopin/byte_buffer.hpp"
#include "chopin/error.hpp"
#include "chopin/json_value.hpp"
#include "chopin/text_argument.hpp"

namespace chopin {

namespace cursors {

std::string encode(std::string_view json);
/// Throws HttpError 422, naming the parameter, for anything that is not a cursor.
std::string decode(std::string_view parameter, std::string_view cursor);
[[noreturn]] void refuse(std::string_view parameter);

}  // namespace cursors

/// Where the next page of a list begins, as a text that clients send back as it is: a struct with
/// `json_members` that holds the sort key of the last row, and what tells rows with equal keys apart. Every
/// page costs the same, and rows that are added or deleted meanwhile neither repeat nor hide others.
///
///     struct Place { std::int64_t created; std::int64_t id; ... };
///     SELECT ... WHERE (created, id) < ($1, $2) ORDER BY created DESC, id DESC LIMIT $3
///
/// A cursor is neither secret nor signed: a client that makes one up gets what the query returns for it.
///
/// Thread safety: any thread.
/// Throws: what write_json throws.
template <class Place>
[[nodiscard]] std::string write_cursor(const Place& place) {
  ByteBuffer json;
  {
    JsonWriter out(json);
    write_json(out, place);
  }
  return cursors::encode(json.bytes());
}

/// Reads what `write_cursor` has written. Throws HttpError 422 with the parameter's name in `fields` for
/// anything else; std::bad_alloc.
template <class Place>
[[nodiscard]] Place read_cursor(TextArgument parameter, TextArgument cursor) {
  const std::string json = cursors::decode(parameter, cursor);
  try {
    return read_json<Place>(json);
  } catch (const HttpError&) {
    cursors::refuse(parameter);
  }
}

}  // namespace chopin
