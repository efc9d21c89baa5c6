#include "chopin/percent.hpp"

#include <cstdint>
#include <string_view>

namespace chopin {

std::string percent_encoded(TextArgument text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  constexpr std::string_view unreserved =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
  constexpr unsigned bits_of_digit = 4;
  constexpr unsigned digit_mask = 0xf;
  std::string encoded;
  for (const char c : std::string_view(text)) {
    if (unreserved.find(c) != std::string_view::npos) {
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
