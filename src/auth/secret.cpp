#include "auth/secret.hpp"

#include <algorithm>

#include "chopin/config.hpp"

namespace chopin::auth {

std::string_view fault_of_secret(std::string_view secret) noexcept {
  constexpr unsigned char first_printable = 0x20;
  constexpr unsigned char del = 0x7f;
  static_assert(ranges::token_secret.least == 1 && ranges::token_secret.most == 1024, "the text says so");
  if (secret.empty()) return "the secret is empty";
  if (!ranges::token_secret.contains(secret.size())) return "the secret has more than 1024 bytes";
  const bool has_control =
      std::ranges::any_of(secret, [](unsigned char c) { return c < first_printable || c == del; });
  return has_control ? "the secret has a control character" : "";
}

}  // namespace chopin::auth
