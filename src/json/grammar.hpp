#pragma once

#include <cstddef>
#include <string_view>

#include "chopin/json.hpp"

/// The parts of RFC 8259 that simdjson leaves unread until somebody asks for the value.
namespace chopin::json {

/// How many arrays and objects may lie in each other.
inline constexpr std::size_t max_nesting = 1024;

/// White space between tokens (RFC 8259 section 2).
constexpr bool is_space(char c) noexcept {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/// How many bytes the number at the start of the text has (RFC 8259 section 6), 0 where there is none. Any
/// size and any precision will do.
std::size_t number_size(std::string_view text) noexcept;

/// How many bytes the escape at the start of the text has (RFC 8259 section 7), 0 where there is none. A
/// surrogate counts with its other half only: alone it is no character, and no UTF-8 can carry it.
std::size_t escape_size(std::string_view text) noexcept;

/// The first place at which the text is not JSON, found byte by byte.
JsonFault find_fault(std::string_view text);

}  // namespace chopin::json
