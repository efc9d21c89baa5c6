#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "text/characters.hpp"

namespace chopin::text {

constexpr std::uint8_t hex_value(char digit) noexcept {
  return static_cast<std::uint8_t>(digit <= '9' ? digit - '0' : to_lower(digit) - 'a' + 10);
}

/// Decodes the `%XX` at the start of `text` (RFC 3986 section 2.1); nullopt if it is malformed.
constexpr std::optional<char> decode_percent(std::string_view text) noexcept {
  if (text.size() < 3 || text[0] != '%' || !is_in(text[1], character_class::hex_digit) ||
      !is_in(text[2], character_class::hex_digit)) {
    return std::nullopt;
  }
  return static_cast<char>(hex_value(text[1]) << 4 | hex_value(text[2]));
}

}  // namespace chopin::text
