#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>
#include <system_error>

namespace chopin::text {

/// Parses a text of decimal digits only, below 2^64; nullopt for any other text.
inline std::optional<std::uint64_t> to_number(std::string_view text) noexcept {
  std::uint64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(
      text.data(), end, number);  // NOLINT(bugprone-suspicious-stringview-data-usage): the end is given
  if (error != std::errc{} || stop != end) return std::nullopt;
  return number;
}

}  // namespace chopin::text
