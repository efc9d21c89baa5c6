#pragma once

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <string_view>
#include <system_error>

namespace load {

/// Whether they are the same but for the case of ASCII letters.
inline bool equals(std::string_view one, std::string_view other) noexcept {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; };
  return std::ranges::equal(one, other, {}, lower, lower);
}

inline std::string_view trimmed(std::string_view text) noexcept {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

/// False if the text is anything but digits, or too large a number.
inline bool parse(std::string_view digits, int base, std::uint64_t& number) noexcept {
  const auto [stop, error] = std::from_chars(digits.begin(), digits.end(), number, base);
  return error == std::errc{} && stop == digits.end();
}

}  // namespace load
