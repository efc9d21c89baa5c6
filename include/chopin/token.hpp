#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "chopin/config.hpp"
#include "chopin/text_argument.hpp"

namespace chopin {

/// What a token says of its holder (RFC 7519 section 4). Texts are UTF-8, an empty one is not in the token.
/// Other claims are ignored.
///
/// Thread safety: one thread at a time.
/// Lifetime: owns its texts.
/// Throws: std::bad_alloc.
struct Claims {
  std::string subject{};             ///< sub: whose token it is
  std::vector<std::string> roles{};  ///< roles: an array of strings, `TokenKeys::max_roles` at most
  std::string id{};                  ///< jti: of this token
  std::string family{};              ///< family: of the tokens that one login has led to
  /// exp: from then on the token is refused. A fraction of a second counts against the token, also below.
  std::chrono::sys_seconds expires{};
  std::optional<std::chrono::sys_seconds> not_before{};  ///< nbf
  std::optional<std::chrono::sys_seconds> issued{};      ///< iat

  friend bool operator==(const Claims&, const Claims&) = default;
};

/// Why a token is refused. For the log: the client only needs to know that it is.
enum class TokenFault : std::uint8_t {
  too_long,
  not_three_parts,
  not_base64url,
  malformed_header,
  wrong_algorithm,
  critical_extension,
  wrong_type,
  wrong_signature,
  malformed_claims,
  too_many_claims,
  duplicate_claim,
  wrong_claim_type,
  no_expiry,
  expired,
  not_yet_valid,
  issued_in_the_future,
};

/// "the token has expired". Never holds a part of the token.
std::string_view to_string(TokenFault fault) noexcept;

/// Signs bearer tokens and verifies them: JWT (RFC 7519) in the compact form of RFC 7515, with HMAC-SHA-256
/// and nothing else. The key decides the algorithm, whatever a header says (RFC 8725 section 3.1).
///
///     const chopin::TokenKeys keys(secret);
///     const std::string token = keys.sign({.subject = "42", .expires = in_an_hour});
///     const auto read = keys.verify(token, std::chrono::system_clock::now());
///     if (const auto* claims = std::get_if<chopin::Claims>(&read)) greet(claims->subject);
///
/// Reading is strict: no padding, no unused bits, no white space, no claim twice. The signature is compared
/// first, in constant time; the payload is read only if it is right.
///
/// Thread safety: immutable; any threads at once.
/// Lifetime: copies share the keys, which are overwritten with the last copy. The secrets are not kept.
/// Throws: std::invalid_argument from the constructor and from `sign`, never with a secret in it;
///         std::bad_alloc.
class TokenKeys {
 public:
  /// Longest token, in bytes.
  static constexpr std::size_t max_token = 4096;
  static constexpr std::size_t max_roles = 32;
  /// Most claims, and most members of a header, those that are ignored included.
  static constexpr std::size_t max_members = 32;
  /// The bytes that a secret should have (RFC 7518 section 3.2).
  static constexpr std::size_t strong_secret = 32;
  /// By how much the signer's clock may be ahead, for `nbf` and `iat`. There is no leeway for `exp`.
  static constexpr std::chrono::seconds leeway{5};

  /// Signs with `secret`, and verifies with either, so that a secret can be replaced while tokens of the
  /// previous one are in use. An empty `previous` is none. Throws std::invalid_argument for a secret of
  /// less than 1 or more than 1024 bytes, which may be any.
  explicit TokenKeys(TextArgument secret, TextArgument previous = {});

  /// Throws std::invalid_argument for claims that `verify` would refuse: without an expiry, with a time
  /// before 1970 or after 9999, more than `max_roles`, a text that is not UTF-8, more than `max_token` bytes.
  [[nodiscard]] std::string sign(const Claims& claims) const;

  /// The claims if the token is valid at `now`.
  [[nodiscard]] std::variant<Claims, TokenFault> verify(std::string_view token,
                                                        std::chrono::system_clock::time_point now) const;

 private:
  struct Keys;
  std::shared_ptr<const Keys> keys_;
};

/// The keys of the settings, and what the log should say about them.
struct ConfiguredTokenKeys {
  std::optional<TokenKeys> keys{};
  std::vector<std::string> warnings{};  ///< one line each, without a secret
};

/// There are none without `auth.secret`. A secret of less than `TokenKeys::strong_secret` bytes gives a
/// warning, and in production no key.
ConfiguredTokenKeys token_keys(const Config& config);

}  // namespace chopin
