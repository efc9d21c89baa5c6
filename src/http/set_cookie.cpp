#include "http/set_cookie.hpp"

#include <algorithm>
#include <cstddef>

#include "text/characters.hpp"

namespace chopin::http {
namespace {

/// RFC 6265 section 4.1.1: no control byte, white space, quote, comma, semicolon or backslash.
bool is_cookie_octet(char c) noexcept {
  return c > ' ' && c < '\x7f' && std::string_view{"\",;\\"}.find(c) == std::string_view::npos;
}

bool is_domain_character(char c) noexcept {
  const char lower = text::to_lower(c);
  return (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-';
}

bool is_attribute_text(char c) noexcept {
  return c >= ' ' && c < '\x7f' && c != ';';
}

bool starts_with_ignoring_case(std::string_view text, std::string_view start) noexcept {
  return text::equals_ignoring_case(text.substr(0, start.size()), start);
}

}  // namespace

std::string_view fault_of(const Cookie& cookie) noexcept {
  constexpr std::size_t most_bytes = 4096;            // of name and value: what browsers take
  constexpr std::size_t most_attribute_bytes = 1024;  // browsers ignore longer attributes
  if (cookie.name.empty() || !text::consists_of(cookie.name, text::character_class::token)) {
    return "illegal name of the cookie";
  }
  if (!std::ranges::all_of(cookie.value, is_cookie_octet)) return "illegal value of the cookie";
  if (cookie.name.size() + cookie.value.size() > most_bytes) return "more than 4096 bytes in the cookie";
  const bool is_path = cookie.path.starts_with('/') && std::ranges::all_of(cookie.path, is_attribute_text);
  if (!is_path || cookie.path.ends_with(' ') || cookie.path.size() > most_attribute_bytes) {
    return "illegal path of the cookie";
  }
  const bool is_domain = std::ranges::all_of(cookie.domain, is_domain_character) && cookie.domain != ".";
  if (!is_domain || cookie.domain.size() > most_attribute_bytes) return "illegal domain of the cookie";
  if (cookie.same_site == Cookie::SameSite::none && !cookie.secure) {
    return "SameSite=None needs `secure` in the cookie";
  }
  const bool is_of_host = starts_with_ignoring_case(cookie.name, "__Host-");
  if ((is_of_host || starts_with_ignoring_case(cookie.name, "__Secure-")) && !cookie.secure) {
    return "the prefix __Secure- or __Host- needs `secure` in the cookie";
  }
  if (is_of_host && (cookie.path != "/" || !cookie.domain.empty())) {
    return "the prefix __Host- allows only the path / and no domain in the cookie";
  }
  return {};
}

std::string set_cookie_value(const Cookie& cookie) {
  std::string text = cookie.name + '=' + cookie.value + "; Path=" + cookie.path;
  if (!cookie.domain.empty()) text.append("; Domain=").append(cookie.domain);
  if (cookie.max_age)
    text.append("; Max-Age=").append(std::to_string(std::max<long long>(cookie.max_age->count(), 0)));
  if (cookie.secure) text += "; Secure";
  if (cookie.http_only) text += "; HttpOnly";
  switch (cookie.same_site) {
    case Cookie::SameSite::strict: return text += "; SameSite=Strict";
    case Cookie::SameSite::lax: return text += "; SameSite=Lax";
    case Cookie::SameSite::none: break;
  }
  return text += "; SameSite=None";
}

}  // namespace chopin::http
