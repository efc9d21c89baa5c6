#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>

#include "chopin/json.hpp"
#include "chopin/json_members.hpp"
#include "chopin/text_argument.hpp"

namespace chopin {

namespace json {

template <class Value>
concept TopLevel = Described<Value> || is_vector<Value>;

/// Reads `text` into the object or vector `value`, which is new. See `read_json`.
void read(TextArgument text, const Type& type, void* value);

/// As RFC 3339 has them: 2026-01-31, and 2026-01-31T23:59:59Z with the digits that `ticks` a second need.
void write_date(JsonWriter& out, std::chrono::year_month_day date);
void write_date_time(JsonWriter& out, std::int64_t time, std::int64_t ticks);
/// Throws std::logic_error for a value without a name.
void write_enumeration(JsonWriter& out, std::int64_t number, std::span<const EnumValue> values);

}  // namespace json

/// Reads a whole text into a struct that has `json_members`, or a vector of them. All of the text is checked,
/// including what is ignored.
///
/// Thread safety: any thread.
/// Lifetime: copies everything.
/// Throws: HttpError 400 with reason and byte if `text` is not JSON (RFC 8259), or nests more than 1024 deep;
///         422 (VALIDATION_ERROR) if values are wrong, with at most 100 faults in `fields`, each by the JSON
///         Pointer (RFC 6901) of its value: missing, unknown and repeated members, another type, a number out
///         of range, an unknown name of an enumeration, a rule that is broken, more than 60 levels of a type
///         that holds itself; std::bad_alloc, and what a constructor of a struct throws.
template <class Value>
[[nodiscard]] Value read_json(TextArgument text) {
  static_assert(json::TopLevel<Value>, "a text holds a struct or a vector");
  Value value{};
  json::read(text, json::type_of<Value>, &value);
  return value;
}

/// Writes what `read_json` reads. An empty optional is null; so is a number that is not finite.
///
/// Thread safety: one thread at a time for each writer.
/// Throws: what JsonWriter throws; std::logic_error for a value of an enumeration without a name, and a date
///         before the year 0 or after 9999.
template <class Value>
void write_json(JsonWriter& out, const Value& value) {
  using json::type_of;
  if constexpr (json::Described<Value>) {
    out.begin_object();
    [&]<std::size_t... index>(std::index_sequence<index...>) {
      constexpr const auto& all = Value::json_members.all;
      ((out.key(std::get<index>(all).name()), write_json(out, value.*std::get<index>(all).pointer())), ...);
    }(std::make_index_sequence<json::member_count<Value>>());
    out.end_object();
  } else if constexpr (json::is_vector<Value>) {
    out.begin_array();
    for (const auto& element : value) write_json(out, element);
    out.end_array();
  } else if constexpr (json::is_optional<Value>) {
    value ? write_json(out, *value) : void(out.value(nullptr));
  } else if constexpr (type_of<Value>.kind == json::Kind::date) {
    json::write_date(out, value);
  } else if constexpr (type_of<Value>.kind == json::Kind::date_time) {
    json::write_date_time(out, value.time_since_epoch().count(), type_of<Value>.ticks);
  } else if constexpr (type_of<Value>.kind == json::Kind::enumeration) {
    json::write_enumeration(out, static_cast<std::int64_t>(value), type_of<Value>.values);
  } else {
    out.value(value);
  }
}

}  // namespace chopin
