#include "auth/strict_token.hpp"

#include <array>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <sodium/utils.h>

namespace chopin::auth {
namespace {

constexpr int base64_variant = sodium_base64_VARIANT_URLSAFE_NO_PADDING;

const unsigned char* unsigned_bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

}  // namespace

std::string strict_base64url(std::string_view bytes) {
  std::string text(sodium_base64_encoded_len(bytes.size(), base64_variant), '\0');
  sodium_bin2base64(text.data(), text.size(), unsigned_bytes(bytes), bytes.size(), base64_variant);
  text.pop_back();
  return text;
}

std::string strict_bytes(std::string_view part) {
  std::string bytes(part.size() + 1, '\0');
  std::size_t size = 0;
  const int status = sodium_base642bin(reinterpret_cast<unsigned char*>(bytes.data()), bytes.size(),
                                       part.data(), part.size(), nullptr, &size, nullptr, base64_variant);
  bytes.resize(status == 0 ? size : 0);
  // libsodium 1.0.18 takes bytes from 0x80 on for characters of the alphabet.
  return strict_base64url(bytes) == part ? bytes : "";
}

std::string with_signature(const std::string& text, std::string_view secret) {
  std::array<unsigned char, 32> mac{};
  HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()), unsigned_bytes(text), text.size(),
       mac.data(), nullptr);
  return text + "." + strict_base64url({reinterpret_cast<const char*>(mac.data()), mac.size()});
}

std::string signed_token(std::string_view header, std::string_view payload, std::string_view secret) {
  return with_signature(strict_base64url(header) + "." + strict_base64url(payload), secret);
}

bool is_strict_token(std::string_view token, std::string_view secret) {
  const std::size_t first = token.find('.');
  const std::size_t last = token.rfind('.');
  if (first == last) return false;
  return token == signed_token(strict_bytes(token.substr(0, first)),
                               strict_bytes(token.substr(first + 1, last - first - 1)), secret);
}

}  // namespace chopin::auth
