#include "text/base64url.hpp"

#include <optional>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "auth/strict_token.hpp"

namespace chopin::text {
namespace {

std::optional<std::string> decoded(std::string_view text) {
  std::string out(decoded_size(text.size()), '\0');
  const auto size = decode_base64url(text, out.data());
  if (!size) return std::nullopt;
  EXPECT_EQ(*size, out.size()) << text;
  return out;
}

TEST(Base64Url, has_the_vectors_of_rfc_4648_without_padding) {
  const std::pair<std::string_view, std::string_view> vectors[] = {
      {"", ""},           {"f", "Zg"},          {"fo", "Zm8"},          {"foo", "Zm9v"},
      {"foob", "Zm9vYg"}, {"fooba", "Zm9vYmE"}, {"foobar", "Zm9vYmFy"}, {"\xfb\xff", "-_8"}};
  for (const auto& [bytes, text] : vectors) {
    EXPECT_EQ(encode_base64url(bytes), text);
    EXPECT_EQ(decoded(text), bytes);
  }
}

TEST(Base64Url, reads_back_any_bytes_of_any_size) {
  std::string bytes;
  for (int i = 0; i < 600; ++i) {
    EXPECT_EQ(decoded(encode_base64url(bytes)), bytes);
    bytes.push_back(static_cast<char>(i * 7));
  }
}

TEST(Base64Url, refuses_padding_white_space_and_the_other_alphabet) {
  for (const std::string_view text : {"Zg==", "Zg=", "Zm8=", "Zm9v=", "Z g", "Zg\n", " Zg", "Zg ", "-_8+",
                                      "+/8", "Zm9v\xff", "Zm\xc3\xa9", "Zm9v.", "=", "===="}) {
    EXPECT_EQ(decoded(text), std::nullopt) << text;
  }
  EXPECT_EQ(decoded(std::string_view("Zm\0v", 4)), std::nullopt);
}

TEST(Base64Url, refuses_a_single_character_at_the_end) {
  EXPECT_EQ(decoded("A"), std::nullopt);
  EXPECT_EQ(decoded("Zm9vA"), std::nullopt);
}

TEST(Base64Url, accepts_of_the_last_characters_only_those_without_unused_bits) {
  constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  for (std::size_t i = 0; i < alphabet.size(); ++i) {
    EXPECT_EQ(decoded(std::string("Z") + alphabet[i]).has_value(), i % 16 == 0) << alphabet[i];
    EXPECT_EQ(decoded(std::string("Zm") + alphabet[i]).has_value(), i % 4 == 0) << alphabet[i];
    EXPECT_TRUE(decoded(std::string("Zm9") + alphabet[i]).has_value()) << alphabet[i];
  }
}

TEST(Base64Url, accepts_each_character_in_each_place_as_libsodium_does) {
  for (int c = 0; c < 256; ++c) {
    for (std::size_t place = 0; place < 7; ++place) {
      std::string text = "AAAAAAA";
      text[place] = static_cast<char>(c);
      const std::string strict = auth::strict_bytes(text);
      EXPECT_EQ(decoded(text).value_or(""), strict) << c << " at " << place;
    }
  }
}

}  // namespace
}  // namespace chopin::text
