#include "auth/hmac_key.hpp"

#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "auth/strict_token.hpp"
#include "text/base64url.hpp"

namespace chopin::auth {
namespace {

std::string hex_mac(std::string_view secret, std::string_view text) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string hex;
  for (const unsigned char byte : HmacKey(secret).mac_of(text)) {
    hex += digits[byte / 16];
    hex += digits[byte % 16];
  }
  return hex;
}

TEST(HmacKey, has_the_vectors_of_rfc_4231) {
  EXPECT_EQ(hex_mac(std::string(20, '\x0b'), "Hi There"),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  EXPECT_EQ(hex_mac("Jefe", "what do ya want for nothing?"),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(hex_mac(std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First"),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST(HmacKey, agrees_with_openssl_about_keys_and_texts_of_any_size) {
  for (const std::size_t key_size : {1U, 31U, 32U, 63U, 64U, 65U, 1024U}) {
    const std::string secret(key_size, 'k');
    for (std::size_t size = 0; size < 200; ++size) {
      const std::string text(size, 't');
      const HmacKey::Mac mac = HmacKey(secret).mac_of(text);
      EXPECT_EQ(text + "." + text::encode_base64url({reinterpret_cast<const char*>(mac.data()), mac.size()}),
                with_signature(text, secret));
    }
  }
}

TEST(HmacKey, tells_its_own_mac_from_one_with_any_bit_changed) {
  const HmacKey key("swordfish");
  HmacKey::Mac mac = key.mac_of("text");
  EXPECT_TRUE(key.is_mac_of("text", mac));
  EXPECT_FALSE(key.is_mac_of("texT", mac));
  for (unsigned char& byte : mac) {
    for (int bit = 1; bit < 256; bit *= 2) {
      byte ^= static_cast<unsigned char>(bit);
      EXPECT_FALSE(key.is_mac_of("text", mac));
      byte ^= static_cast<unsigned char>(bit);
    }
  }
}

}  // namespace
}  // namespace chopin::auth
