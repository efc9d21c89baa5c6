#pragma once

#include <array>
#include <openssl/sha.h>
#include <string_view>

namespace chopin::auth {

/// A key of HMAC-SHA-256 (RFC 2104) with its two pads hashed once, which saves two of five or six blocks.
///
/// SHA-256 is OpenSSL's, because it uses the CPU's instructions for it. Of a text of 118 bytes, about the
/// header and claims of a usual token:
///
/// |                                       | instructions under callgrind | time    |
/// |---------------------------------------|------------------------------|---------|
/// | OpenSSL, the functions for SHA-256    | 6,600                        | 0.14 us |
/// | OpenSSL, EVP, which allocates         | 7,700                        | 0.19 us |
/// | libsodium                             | 11,800                       | 0.62 us |
///
/// Callgrind's CPU lacks these instructions; with them the first takes less than 1,000.
///
/// Thread safety: immutable; any threads at once.
/// Lifetime: overwritten when it ends.
/// Throws: nothing.
class HmacKey {
 public:
  using Mac = std::array<unsigned char, SHA256_DIGEST_LENGTH>;

  explicit HmacKey(std::string_view secret) noexcept;
  HmacKey(const HmacKey&) = delete;
  HmacKey& operator=(const HmacKey&) = delete;
  ~HmacKey();

  [[nodiscard]] Mac mac_of(std::string_view text) const noexcept;
  /// Compares in a time that does not depend on where the two differ.
  [[nodiscard]] bool is_mac_of(std::string_view text, const Mac& given) const noexcept;

 private:
  SHA256_CTX inner_{};
  SHA256_CTX outer_{};
};

}  // namespace chopin::auth
