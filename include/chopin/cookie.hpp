#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace chopin {

/// A cookie to be set by a response (RFC 6265 section 4.1, and RFC 6265bis for `SameSite`).
///
///     response.cookie({.name = "session", .value = token, .max_age = std::chrono::hours(8)});
///
/// With a `max_age` of zero or less the browser removes the cookie of the same name, path and domain.
struct Cookie {
  enum class SameSite : std::uint8_t { strict, lax, none };

  std::string name;
  std::string value;
  std::string path = "/";
  std::string domain{};  ///< empty: only the host that the request was sent to, without its subdomains
  std::optional<std::chrono::seconds> max_age{};  ///< none: until the browser is closed
  bool secure = false;                 ///< sent over TLS only; for a server behind a proxy that ends TLS
  bool http_only = true;               ///< hidden from scripts
  SameSite same_site = SameSite::lax;  ///< lax: from other sites only if the user follows a link
};

}  // namespace chopin
