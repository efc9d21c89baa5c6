#include <chopin/token.hpp>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

// The token that a login responds with.
inline std::string make_token(const chopin::TokenKeys& keys, const std::string& user,
                              std::chrono::milliseconds expiry) {
  const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  return keys.sign({.subject = user,
                    .roles = {"user"},
                    .expires = now + std::chrono::floor<std::chrono::seconds>(expiry),
                    .issued = now});
}

// Whose token it is; nullopt if it is refused.
inline std::optional<std::string> user_of(const chopin::TokenKeys& keys, std::string_view token) {
  const auto read = keys.verify(token, std::chrono::system_clock::now());
  const auto* const claims = std::get_if<chopin::Claims>(&read);
  if (claims == nullptr) return std::nullopt;
  return claims->subject;
}
