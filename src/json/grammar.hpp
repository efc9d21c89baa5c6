#pragma once

#include <cstddef>
#include <string_view>

#include "chopin/json.hpp"

/// The parts of RFC 8259 that simdjson does not check until a value is asked for.
namespace chopin::json {

/// How deep arrays and objects may nest.
inline constexpr std::size_t max_nesting = 1024;

/// White space between tokens (RFC 8259 section 2).
constexpr bool is_space(char c) noexcept {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

constexpr bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}

/// The length of the number at the start of the text (RFC 8259 section 6), 0 if there is none. Any magnitude
/// and precision are accepted.
std::size_t number_size(std::string_view text) noexcept;

/// The length of the escape at the start of the text (RFC 8259 section 7), 0 if there is none. A surrogate is
/// accepted only with its other half: alone it is not a character, and UTF-8 cannot encode it.
std::size_t escape_size(std::string_view text) noexcept;

/// Finds the first place where the text is not JSON.
JsonFault find_fault(std::string_view text);

/// Throws HttpError 400 with reason and offset if there is a fault.
void require_json(const JsonFault& fault);

}  // namespace chopin::json
