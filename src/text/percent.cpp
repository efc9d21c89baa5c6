#include "chopin/percent.hpp"

#include <cstdint>
#include <string_view>

namespace chopin {

namespace {

/// RFC 3986 section 2.3.
bool is_unreserved(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
         c == '_' || c == '~';
}

}  // namespace

std::string percent_encoded(TextArgument text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  constexpr unsigned bits_of_digit = 4;
  constexpr unsigned digit_mask = 0xf;
  std::string encoded;
  for (const char c : std::string_view(text)) {
    if (is_unreserved(c)) {
      encoded += c;
      continue;
    }
    const auto byte = static_cast<std::uint8_t>(c);
    encoded += '%';
    encoded += digits[byte >> bits_of_digit];
    encoded += digits[byte & digit_mask];
  }
  return encoded;
}

}  // namespace chopin
