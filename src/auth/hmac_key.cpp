#include "auth/hmac_key.hpp"

#include <algorithm>
#include <sodium/utils.h>

namespace chopin::auth {
namespace {

using Block = std::array<unsigned char, SHA256_CBLOCK>;

/// The state after a block of the key XORed with `pad`.
SHA256_CTX state_after(Block key, unsigned char pad) noexcept {
  std::ranges::for_each(key, [pad](unsigned char& byte) { byte ^= pad; });
  SHA256_CTX state;
  SHA256_Init(&state);
  SHA256_Update(&state, key.data(), key.size());
  sodium_memzero(key.data(), key.size());
  return state;
}

}  // namespace

HmacKey::HmacKey(std::string_view secret) noexcept {
  Block key{};
  if (secret.size() <= key.size())
    std::ranges::copy(secret, key.begin());
  else
    SHA256(reinterpret_cast<const unsigned char*>(secret.data()), secret.size(), key.data());
  inner_ = state_after(key, 0x36);
  outer_ = state_after(key, 0x5c);
  sodium_memzero(key.data(), key.size());
}

HmacKey::~HmacKey() {
  sodium_memzero(&inner_, sizeof inner_);
  sodium_memzero(&outer_, sizeof outer_);
}

HmacKey::Mac HmacKey::mac_of(std::string_view text) const noexcept {
  Mac mac;
  SHA256_CTX state = inner_;
  SHA256_Update(&state, text.data(), text.size());
  SHA256_Final(mac.data(), &state);
  state = outer_;
  SHA256_Update(&state, mac.data(), mac.size());
  SHA256_Final(mac.data(), &state);
  return mac;
}

bool HmacKey::is_mac_of(std::string_view text, const Mac& given) const noexcept {
  const Mac mac = mac_of(text);
  return sodium_memcmp(mac.data(), given.data(), mac.size()) == 0;
}

}  // namespace chopin::auth
