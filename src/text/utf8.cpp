#include "text/utf8.hpp"

#include <cstdint>
#include <cstring>

namespace chopin::text {
namespace {

/// The number of ASCII bytes at the start of the text, rounded down to whole words.
std::size_t ascii_words(std::string_view text) noexcept {
  constexpr std::uint64_t high_bits = 0x8080808080808080;
  std::size_t size = 0;
  for (std::uint64_t word = 0; text.size() - size >= sizeof word; size += sizeof word) {
    std::memcpy(&word, text.data() + size, sizeof word);
    if ((word & high_bits) != 0) break;
  }
  return size;
}

}  // namespace

std::size_t utf8_character_size(std::string_view text) noexcept {
  const auto byte = [text](std::size_t at) { return static_cast<unsigned char>(text[at]); };
  const auto continues = [&](std::size_t at, unsigned least = 0x80, unsigned most = 0xbf) {
    return at < text.size() && byte(at) >= least && byte(at) <= most;
  };
  if (text.empty()) return 0;
  const unsigned lead = byte(0);
  if (lead < 0x80) return 1;
  if (lead < 0xc2 || lead > 0xf4) return 0;
  if (lead < 0xe0) return continues(1) ? 2 : 0;
  if (lead < 0xf0) {
    // Below U+0800 two bytes are enough, and U+D800 to U+DFFF are surrogates.
    const bool second = continues(1, lead == 0xe0 ? 0xa0 : 0x80, lead == 0xed ? 0x9f : 0xbf);
    return second && continues(2) ? 3 : 0;
  }
  // Below U+10000 three bytes are enough, and U+10FFFF is the last code point.
  const bool second = continues(1, lead == 0xf0 ? 0x90 : 0x80, lead == 0xf4 ? 0x8f : 0xbf);
  return second && continues(2) && continues(3) ? 4 : 0;
}

std::size_t valid_utf8_prefix(std::string_view text) noexcept {
  std::size_t size = ascii_words(text);
  while (size < text.size()) {
    const std::size_t character = utf8_character_size(text.substr(size));
    if (character == 0) break;
    size += character;
    if (character == 1) size += ascii_words(text.substr(size));
  }
  return size;
}

}  // namespace chopin::text
