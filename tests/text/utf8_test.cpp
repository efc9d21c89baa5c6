#include "text/utf8.hpp"

#include <string>

#include <gtest/gtest.h>

namespace chopin::text {
namespace {

/// Encodes a code point in `size` bytes, whether or not that is legal.
std::string encode(unsigned code, std::size_t size) {
  constexpr unsigned marks[] = {0, 0, 0xc0, 0xe0, 0xf0};
  std::string bytes(size, '\0');
  for (std::size_t at = size; at-- > 1; code >>= 6) bytes[at] = static_cast<char>(0x80 | (code & 0x3f));
  bytes[0] = static_cast<char>(marks[size] | code);
  return bytes;
}

TEST(Utf8, every_code_point_has_exactly_one_valid_form) {
  for (unsigned code = 0; code <= 0x10ffff; ++code) {
    const bool is_surrogate = code >= 0xd800 && code <= 0xdfff;
    const std::size_t shortest = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    for (std::size_t size = shortest; size <= 4; ++size) {
      const std::size_t expected = size == shortest && !is_surrogate ? size : 0;
      ASSERT_EQ(utf8_character_size(encode(code, size)), expected) << code << " in " << size;
    }
  }
  for (unsigned code = 0x110000; code < 0x200000; ++code) ASSERT_EQ(utf8_character_size(encode(code, 4)), 0U);
}

TEST(Utf8, a_truncated_character_is_malformed) {
  for (const std::string character : {"\xc3\xa4", "\xe2\x82\xac", "\xf0\x9f\x98\x80"}) {
    EXPECT_EQ(utf8_character_size(character + "a"), character.size());
    for (std::size_t size = 0; size < character.size(); ++size) {
      EXPECT_EQ(utf8_character_size(character.substr(0, size)), 0U);
      EXPECT_EQ(utf8_character_size(character.substr(0, size) + "a"), size == 0 ? 1U : 0U);
      EXPECT_EQ(utf8_character_size(character.substr(0, size) + "\xff"), 0U);
    }
  }
}

TEST(Utf8, continuation_bytes_and_bytes_never_used_in_utf8_start_no_character) {
  for (int lead = 0x80; lead < 0x100; ++lead) {
    if (lead >= 0xc2 && lead <= 0xf4) continue;
    EXPECT_EQ(utf8_character_size(static_cast<char>(lead) + std::string("\x80\x80\x80")), 0U) << lead;
  }
}

TEST(Utf8, the_valid_prefix_ends_at_the_first_malformed_byte_at_any_offset) {
  EXPECT_EQ(valid_utf8_prefix(""), 0U);
  for (std::size_t before = 0; before < 20; ++before) {
    for (std::size_t after = 0; after < 20; ++after) {
      const std::string head(before, 'a');
      const std::string tail(after, 'b');
      EXPECT_EQ(valid_utf8_prefix(head + tail), before + after);
      EXPECT_EQ(valid_utf8_prefix(head + "\xc3\xa4" + tail), before + 2 + after);
      EXPECT_EQ(valid_utf8_prefix(head + "\xff" + tail), before);
      EXPECT_EQ(valid_utf8_prefix(head + "\xc3\xa4\xe2\x82" + tail), before + 2);
    }
  }
}

}  // namespace
}  // namespace chopin::text
