#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

/// base64url without padding (RFC 7515 section 2, RFC 4648 section 5), in which bytes have one text only.
namespace chopin::text {

/// The size of what so many characters encode. A remainder of one character encodes nothing.
constexpr std::size_t decoded_size(std::size_t characters) noexcept {
  return characters / 4 * 3 + characters % 4 * 3 / 4;
}

/// Decodes into `out`, which must have room for `decoded_size(text.size())` bytes. Returns their number;
/// nullopt for other characters, padding, a remainder of one character, and unused bits that are not zero
/// (RFC 4648 section 3.5). libsodium 1.0.18 is not as strict: it takes bytes from 0x80 on for characters.
std::optional<std::size_t> decode_base64url(std::string_view text, char* out) noexcept;

std::string encode_base64url(std::string_view bytes);

}  // namespace chopin::text
