#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace chopin::data::postgres {

// What a PostgreSQL server sends, written out by hand: chapter 55.7 of its manual.

inline std::string big(std::uint64_t value, std::size_t size) {
  std::string bytes(size, '\0');
  for (std::size_t i = 0; i < size; ++i) bytes[size - 1 - i] = static_cast<char>((value >> (8 * i)) & 0xffU);
  return bytes;
}

inline std::string big16(std::uint64_t value) {
  return big(value, 2);
}

inline std::string big32(std::uint64_t value) {
  return big(value, 4);
}

inline std::string message_of(char type, std::string_view body) {
  return std::string(1, type) + big32(body.size() + 4) + std::string(body);
}

/// A text with the NUL that ends it.
inline std::string with_nul(std::string_view text) {
  return std::string(text) + '\0';
}

inline std::string parse_complete() {
  return message_of('1', "");
}

inline std::string bind_complete() {
  return message_of('2', "");
}

inline std::string close_complete() {
  return message_of('3', "");
}

inline std::string no_data() {
  return message_of('n', "");
}

inline std::string parameter_description(std::initializer_list<std::uint32_t> oids) {
  std::string body = big16(oids.size());
  for (const std::uint32_t oid : oids) body += big32(oid);
  return message_of('t', body);
}

/// Name and OID of the type of each column.
inline std::string row_description(
    std::initializer_list<std::pair<std::string_view, std::uint32_t>> columns) {
  std::string body = big16(columns.size());
  for (const auto& [name, oid] : columns) {
    body += with_nul(name) + big32(0) + big16(0) + big32(oid) + big16(4) + big32(0xffffffffU) + big16(0);
  }
  return message_of('T', body);
}

inline const std::string number_column = row_description({{"id", 23}});
inline const std::string text_column = row_description({{"name", 25}});

inline std::string value_of(std::optional<std::string_view> bytes) {
  return bytes ? big32(bytes->size()) + std::string(*bytes) : big32(0xffffffffU);
}

inline std::string row(std::initializer_list<std::optional<std::string>> values) {
  std::string body = big16(values.size());
  for (const auto& value : values) body += value_of(value);
  return message_of('D', body);
}

inline std::string complete(std::string_view tag) {
  return message_of('C', with_nul(tag));
}

inline std::string ready(char transaction = 'I') {
  return message_of('Z', std::string(1, transaction));
}

inline std::string error_response(std::string_view sqlstate, std::string_view text = "no",
                                  std::string_view severity = "ERROR") {
  return message_of(
      'E', "S" + with_nul(severity) + "C" + with_nul(sqlstate) + "M" + with_nul(text) + std::string(1, '\0'));
}

}  // namespace chopin::data::postgres
