#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>

#include "text/bytes.hpp"

/// Character classes of RFC 9110 and RFC 3986, and the few string operations HTTP needs.
namespace chopin::text {

inline constexpr std::string_view crlf = "\r\n";  ///< the end of a line: RFC 9112 section 2.2

namespace character_class {
inline constexpr std::uint8_t token = 1;       ///< tchar, RFC 9110 section 5.6.2
inline constexpr std::uint8_t field_text = 2;  ///< field-vchar, SP, HTAB: RFC 9110 section 5.5
inline constexpr std::uint8_t target = 4;      ///< visible ASCII except `#`, illegal in a request-target
inline constexpr std::uint8_t path = 64;       ///< the same except `?`, where the query begins
inline constexpr std::uint8_t reg_name = 8;    ///< unreserved and sub-delims: RFC 3986 section 3.2.2
inline constexpr std::uint8_t digit = 16;
inline constexpr std::uint8_t hex_digit = 32;

inline constexpr std::array<std::uint8_t, 256> table = [] {
  constexpr std::string_view token_symbols = "!#$%&'*+-.^_`|~";
  constexpr std::string_view reg_name_symbols = "-._~!$&'()*+,;=";
  std::array<std::uint8_t, 256> classes{};
  for (std::size_t c = 0; c < classes.size(); ++c) {
    const auto symbol = static_cast<char>(c);
    const bool is_digit = c >= '0' && c <= '9';
    const bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    const bool is_hex = is_digit || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    const auto add = [&](bool holds, std::uint8_t bits) {
      if (holds) classes[c] = static_cast<std::uint8_t>(classes[c] | bits);
    };
    add(is_digit || is_letter || token_symbols.find(symbol) != std::string_view::npos, token);
    add(c == '\t' || (c >= 0x20 && c != 0x7f), field_text);
    add(c > 0x20 && c < 0x7f && c != '#', target);
    add(c > 0x20 && c < 0x7f && c != '#' && c != '?', path);
    add(is_digit || is_letter || reg_name_symbols.find(symbol) != std::string_view::npos, reg_name);
    add(is_digit, digit);
    add(is_hex, hex_digit);
  }
  return classes;
}();
}  // namespace character_class

constexpr bool is_in(char c, std::uint8_t classes) noexcept {
  return (character_class::table[static_cast<unsigned char>(c)] & classes) != 0;
}

/// The number of bytes at the start of the text that are in one of the classes.
constexpr std::size_t span_of(std::string_view text, std::uint8_t classes) noexcept {
  const char* at = text.data();
  const char* const end = at + text.size();
  while (at != end && is_in(*at, classes)) ++at;
  return static_cast<std::size_t>(at - text.data());
}

constexpr bool consists_of(std::string_view text, std::uint8_t classes) noexcept {
  return span_of(text, classes) == text.size();
}

constexpr char to_lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

constexpr bool equals_ignoring_case(std::string_view a, std::string_view b) noexcept {
  if (a.size() != b.size()) return false;
  // Most texts of these sizes, such as field names, are spelled as usual.
  if (!std::is_constant_evaluated() && a.size() >= 8 && a.size() <= 16 && same_bytes(a, b)) return true;
  return std::ranges::equal(a, b, {}, to_lower, to_lower);
}

/// The text without surrounding white space (OWS, RFC 9110 section 5.6.3).
constexpr std::string_view trimmed(std::string_view text) noexcept {
  constexpr std::string_view white_space = " \t";
  const std::size_t first = text.find_first_not_of(white_space);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(white_space) - first + 1);
}

/// Calls `visit` with each element of a comma-separated list (RFC 9110 section 5.6.1), empty ones included.
template <class Visit>
constexpr void for_each_element(std::string_view list, Visit visit) {
  for (;;) {
    const std::size_t comma = list.find(',');
    visit(trimmed(list.substr(0, comma)));
    if (comma == std::string_view::npos) return;
    list.remove_prefix(comma + 1);
  }
}

}  // namespace chopin::text
