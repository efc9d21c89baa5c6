#include "app/refresh_token.hpp"

#include <array>
#include <cstddef>
#include <sodium/crypto_generichash.h>
#include <sodium/randombytes.h>

#include "text/base64url.hpp"

namespace chopin::app {
namespace {

constexpr std::size_t selector_bytes = 16;
constexpr std::size_t secret_bytes = 32;
constexpr std::size_t selector_size = 22;
constexpr std::size_t secret_size = 43;
static_assert(text::decoded_size(selector_size) == selector_bytes);
static_assert(text::decoded_size(secret_size) == secret_bytes);

template <std::size_t size>
std::string encoded(const std::array<unsigned char, size>& bytes) {
  return text::encode_base64url({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

template <std::size_t size>
std::string random_text() {
  std::array<unsigned char, size> bytes{};
  randombytes_buf(bytes.data(), bytes.size());
  return encoded(bytes);
}

template <std::size_t size>
std::string hash_of(std::string_view text) {
  std::array<unsigned char, size> hash{};
  crypto_generichash(hash.data(), hash.size(), reinterpret_cast<const unsigned char*>(text.data()),
                     text.size(), nullptr, 0);
  return encoded(hash);
}

bool is_base64url(std::string_view text) noexcept {
  std::array<char, secret_bytes> decoded{};
  return text::decode_base64url(text, decoded.data()).has_value();
}

}  // namespace

RefreshToken RefreshToken::make() {
  return RefreshToken(random_id() + "." + random_text<secret_bytes>());
}

std::optional<RefreshToken> RefreshToken::read(std::string_view text) {
  const bool may_be_one = text.size() == selector_size + 1 + secret_size && text[selector_size] == '.' &&
                          is_base64url(text.substr(0, selector_size)) &&
                          is_base64url(text.substr(selector_size + 1));
  if (!may_be_one) return std::nullopt;
  return RefreshToken(std::string(text));
}

RefreshToken RefreshToken::next() const {
  return RefreshToken(std::string(selector()) + "." + random_text<secret_bytes>());
}

std::string RefreshToken::family() const {
  return hash_of<selector_bytes>(selector());
}

std::string RefreshToken::hash() const {
  return hash_of<secret_bytes>(text_);
}

std::string_view RefreshToken::selector() const noexcept {
  return std::string_view(text_).substr(0, selector_size);
}

std::string random_id() {
  return random_text<selector_bytes>();
}

}  // namespace chopin::app
