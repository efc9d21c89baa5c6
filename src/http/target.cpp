#include "http/target.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <cstddef>
#include <cstring>
#include <netinet/in.h>

#include "text/characters.hpp"

namespace chopin::http {
namespace {

constexpr std::uint32_t largest_port = 65535;

bool is_port(std::string_view text) noexcept {
  std::uint32_t port = 0;
  for (const char c : text) {
    if (!text::is_in(c, text::character_class::digit)) return false;
    port = port * 10 + static_cast<std::uint32_t>(c - '0');
    if (port > largest_port) return false;
  }
  return true;
}

/// Whether a target of visible bytes is only a path: no `?`, no `#`, nothing outside ASCII. Reads eight bytes
/// at a time: `word ^ pattern` has a zero byte where the pattern's byte is, and subtracting `ones` sets the
/// high bit of a zero byte.
bool is_plain_path(std::string_view text) noexcept {
  constexpr std::uint64_t ones = 0x0101010101010101;
  constexpr std::uint64_t high_bits = ones << 7;
  const auto zeros = [](std::uint64_t word) { return (word - ones) & ~word; };
  const auto odd_ones = [&](std::size_t at) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data() + at, sizeof word);
    return word | zeros(word ^ (ones * '#')) | zeros(word ^ (ones * '?'));
  };
  if (text.size() < sizeof(std::uint64_t)) return text::consists_of(text, text::character_class::path);
  std::uint64_t found = odd_ones(text.size() - sizeof(std::uint64_t));
  for (std::size_t at = 0; at + sizeof(std::uint64_t) < text.size(); at += sizeof(std::uint64_t)) {
    found |= odd_ones(at);
  }
  return (found & high_bits) == 0;
}

/// The size of a registered name or IPv4 address; percent-encoded names are rare and slower.
std::size_t reg_name_size(std::string_view text) noexcept {
  std::size_t size = text::span_of(text, text::character_class::reg_name);
  while (size < text.size() && text[size] == '%') {
    const std::string_view digits = text.substr(size + 1, 2);
    if (digits.size() < 2 || !text::consists_of(digits, text::character_class::hex_digit)) break;
    size += 3;
    size += text::span_of(text.substr(size), text::character_class::reg_name);
  }
  return size;
}

/// RFC 3986 section 3.2.2, but without IPvFuture, which no host uses.
bool is_ipv6_address(std::string_view text) noexcept {
  std::array<char, INET6_ADDRSTRLEN> terminated{};
  if (text.size() >= terminated.size() || text.find('\0') != std::string_view::npos) return false;
  std::ranges::copy(text, terminated.begin());
  in6_addr address{};
  return inet_pton(AF_INET6, terminated.data(), &address) == 1;
}

/// The length of "http://" or "https://" at the start of the text, 0 if there is neither.
std::size_t scheme_size(std::string_view text) noexcept {
  for (const std::string_view scheme : {std::string_view{"http://"}, std::string_view{"https://"}}) {
    if (text::equals_ignoring_case(text.substr(0, scheme.size()), scheme)) return scheme.size();
  }
  return 0;
}

Target parse_absolute_form(Method method, std::string_view text) noexcept {
  const std::size_t scheme = scheme_size(text);
  if (scheme == 0) return {};
  const std::string_view rest = text.substr(scheme);
  const std::size_t authority_end = std::min(rest.find_first_of("/?"), rest.size());
  if (!is_host_and_port(rest.substr(0, authority_end))) return {};
  const std::string_view path_and_query = rest.substr(authority_end);
  if (path_and_query.starts_with('/')) {
    return {TargetForm::absolute, path_and_query.substr(0, path_and_query.find('?'))};
  }
  // An empty path means "/", or for OPTIONS without a query "*" (RFC 9112 sections 3.2.1 and 3.2.4).
  const bool whole_server = method == Method::options && path_and_query.empty();
  return {TargetForm::absolute, whole_server ? "*" : "/"};
}

}  // namespace

std::string_view authority_of(std::string_view absolute_form) noexcept {
  const std::string_view rest = absolute_form.substr(scheme_size(absolute_form));
  return rest.substr(0, rest.find_first_of("/?"));
}

bool is_host_and_port(std::string_view text) noexcept {
  std::string_view port;
  if (text.starts_with('[')) {
    const std::size_t close = text.find(']');
    if (close == std::string_view::npos || !is_ipv6_address(text.substr(1, close - 1))) return false;
    port = text.substr(close + 1);
  } else {
    const std::size_t host_size = reg_name_size(text);
    if (host_size == 0) return false;
    port = text.substr(host_size);
  }
  return port.empty() || (port.front() == ':' && is_port(port.substr(1)));
}

Target parse_target(Method method, std::string_view text) noexcept {
  if (text.starts_with('/') && method != Method::connect) {
    if (is_plain_path(text)) [[likely]]
      return {TargetForm::origin, text};
    const std::size_t path_size = text::span_of(text, text::character_class::path);
    if (path_size < text.size() && !text::consists_of(text.substr(path_size), text::character_class::target))
      return {};
    return {TargetForm::origin, text.substr(0, path_size)};
  }
  if (!text::consists_of(text, text::character_class::target)) return {};
  if (method == Method::connect) {
    const std::size_t colon = text.rfind(':');
    const bool has_port = colon != std::string_view::npos && colon + 1 < text.size() && text.back() != ']';
    return {has_port && is_host_and_port(text) ? TargetForm::authority : TargetForm::malformed, {}};
  }
  if (text == "*") return {method == Method::options ? TargetForm::asterisk : TargetForm::malformed, text};
  return parse_absolute_form(method, text);
}

}  // namespace chopin::http
