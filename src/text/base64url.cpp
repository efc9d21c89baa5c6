#include "text/base64url.hpp"

#include <array>
#include <cstdint>
#include <sodium/utils.h>

namespace chopin::text {
namespace {

/// Above the 24 bits of four characters.
constexpr std::uint32_t invalid = 1U << 24;

using Values = std::array<std::uint32_t, 256>;

/// What each character stands for, so many bits from the right.
consteval Values values_shifted_by(int shift) {
  constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  Values values{};
  values.fill(invalid);
  for (std::size_t i = 0; i < alphabet.size(); ++i) {
    values[static_cast<unsigned char>(alphabet[i])] = static_cast<std::uint32_t>(i) << shift;
  }
  return values;
}

constexpr Values first_values = values_shifted_by(18);
constexpr Values second_values = values_shifted_by(12);
constexpr Values third_values = values_shifted_by(6);
constexpr Values fourth_values = values_shifted_by(0);

std::uint32_t value_in(const Values& values, char c) noexcept {
  return values[static_cast<unsigned char>(c)];
}

/// Three bytes in the lower 24 bits, and `invalid` if one of the characters is none of base64url.
std::uint32_t bits_of(char first, char second, char third, char fourth) noexcept {
  return value_in(first_values, first) | value_in(second_values, second) | value_in(third_values, third) |
         value_in(fourth_values, fourth);
}

}  // namespace

std::optional<std::size_t> decode_base64url(std::string_view text, char* out) noexcept {
  const char* const begin = out;
  std::uint32_t seen = 0;
  const char* at = text.data();
  const std::size_t rest = text.size() % 4;
  for (const char* const end = at + text.size() - rest; at != end; at += 4) {
    const std::uint32_t bits = bits_of(at[0], at[1], at[2], at[3]);
    seen |= bits;
    *out++ = static_cast<char>(bits >> 16);
    *out++ = static_cast<char>(bits >> 8);
    *out++ = static_cast<char>(bits);
  }
  if (rest == 1) return std::nullopt;
  if (rest > 1) {
    const std::uint32_t bits = bits_of(at[0], at[1], rest == 3 ? at[2] : 'A', 'A');
    const std::uint32_t unused = bits & (rest == 3 ? 0xff : 0xffff);
    if (unused != 0) return std::nullopt;
    seen |= bits;
    *out++ = static_cast<char>(bits >> 16);
    if (rest == 3) *out++ = static_cast<char>(bits >> 8);
  }
  if ((seen & invalid) != 0) return std::nullopt;
  return static_cast<std::size_t>(out - begin);
}

std::string encode_base64url(std::string_view bytes) {
  constexpr int variant = sodium_base64_VARIANT_URLSAFE_NO_PADDING;
  std::string text(sodium_base64_encoded_len(bytes.size(), variant), '\0');
  sodium_bin2base64(text.data(), text.size(), reinterpret_cast<const unsigned char*>(bytes.data()),
                    bytes.size(), variant);
  text.pop_back();  // the NUL
  return text;
}

}  // namespace chopin::text
