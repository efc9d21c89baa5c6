#include "http/trusted_proxies.hpp"

#include <algorithm>
#include <optional>
#include <stdexcept>

#include <fmt/core.h>

#include "text/characters.hpp"
#include "text/number.hpp"

namespace chopin::http {
namespace {

constexpr unsigned v6_bits = 128;
constexpr unsigned v4_bits = 32;

struct ParsedRange {
  Peer first;
  unsigned bits = 0;  // of the 128
};

std::optional<ParsedRange> parse_range(std::string_view range) {
  const std::size_t slash = range.find('/');
  const std::optional<Peer> first = Peer::parse(range.substr(0, slash));
  if (!first) return std::nullopt;
  const unsigned most = range.find(':') == std::string_view::npos ? v4_bits : v6_bits;
  unsigned bits = most;
  if (slash != std::string_view::npos) {
    const auto given = text::to_number(range.substr(slash + 1));
    if (!given || *given > most) return std::nullopt;
    bits = static_cast<unsigned>(*given);
  }
  return ParsedRange{.first = *first, .bits = bits + v6_bits - most};
}

bool starts_with_bits(const std::array<std::uint8_t, 16>& bytes, const std::array<std::uint8_t, 16>& prefix,
                      unsigned bits) noexcept {
  const unsigned whole = bits / 8;
  if (!std::equal(prefix.begin(), prefix.begin() + whole, bytes.begin())) return false;
  const unsigned rest = bits % 8;
  return rest == 0 || ((bytes[whole] ^ prefix[whole]) >> (8 - rest)) == 0;
}

/// An address of these fields: "192.0.2.1", "192.0.2.1:80", "[2001:db8::1]:80", "2001:db8::1". Nothing for
/// "unknown" and the like.
std::optional<Peer> parse_node(std::string_view node) {
  std::string_view address = node;
  std::string_view port;
  if (node.starts_with('[')) {
    const std::size_t end = node.find(']');
    if (end == std::string_view::npos) return std::nullopt;
    address = node.substr(1, end - 1);
    port = node.substr(end + 1);
  } else if (std::ranges::count(node, ':') == 1) {
    address = node.substr(0, node.find(':'));
    port = node.substr(address.size());
  }
  std::uint64_t number = 0;
  if (!port.empty()) {
    const auto given = port.starts_with(':') ? text::to_number(port.substr(1)) : std::nullopt;
    if (!given || *given > UINT16_MAX) return std::nullopt;
    number = *given;
  }
  return Peer::parse(address, static_cast<std::uint16_t>(number));
}

std::string_view without_quotes(std::string_view value) noexcept {
  const bool is_quoted = value.size() >= 2 && value.front() == '"' && value.back() == '"';
  return is_quoted ? value.substr(1, value.size() - 2) : value;
}

/// The `for` of an element of Forwarded (RFC 7239 section 4); empty if there is none.
std::string_view for_of(std::string_view element) {
  while (!element.empty()) {
    const std::string_view pair = element.substr(0, element.find(';'));
    element.remove_prefix(std::min(pair.size() + 1, element.size()));
    const std::size_t equals = pair.find('=');
    if (equals != std::string_view::npos &&
        text::equals_ignoring_case(text::trimmed(pair.substr(0, equals)), "for")) {
      return without_quotes(text::trimmed(pair.substr(equals + 1)));
    }
  }
  return {};
}

/// The elements of all fields with this name, in their order.
std::vector<std::string_view> elements_of(std::span<const Field> fields, std::string_view name) {
  std::vector<std::string_view> elements;
  for (const Field& field : fields) {
    if (!text::equals_ignoring_case(field.name, name)) continue;
    text::for_each_element(field.value, [&](std::string_view element) { elements.push_back(element); });
  }
  return elements;
}

}  // namespace

std::string fault_of_address_range(std::string_view range) {
  if (parse_range(range)) return {};
  return fmt::format("'{}' is neither an address nor a range such as 10.0.0.0/8 or fd00::/8", range);
}

TrustedProxies::TrustedProxies(const std::vector<std::string>& ranges) {
  for (const std::string& range : ranges) {
    const auto parsed = parse_range(range);
    if (!parsed) throw std::invalid_argument(fault_of_address_range(range));
    ranges_.push_back({.bytes = parsed->first.bytes(), .bits = parsed->bits});
  }
}

bool TrustedProxies::contains(const Peer& peer) const noexcept {
  return peer.is_known() && std::ranges::any_of(ranges_, [&](const Range& range) {
           return starts_with_bits(peer.bytes(), range.bytes, range.bits);
         });
}

Peer TrustedProxies::client_of(const Peer& peer, std::span<const Field> fields) const {
  if (!contains(peer)) return peer;
  std::vector<std::string_view> forwarded = elements_of(fields, "Forwarded");
  for (std::string_view& element : forwarded) element = for_of(element);
  const std::vector<std::string_view> forwarded_for = elements_of(fields, "X-Forwarded-For");
  if (forwarded.empty()) return last_untrusted(peer, forwarded_for);
  const Peer client = last_untrusted(peer, forwarded);
  if (forwarded_for.empty()) return client;
  return last_untrusted(peer, forwarded_for).bytes() == client.bytes() ? client : peer;
}

/// Each proxy appends the address that it was asked from. So the last is the word of `peer`, and the one
/// before it the word of the last, which counts only if that is trusted too.
Peer TrustedProxies::last_untrusted(const Peer& peer, const std::vector<std::string_view>& addresses) const {
  Peer last = peer;
  for (auto at = addresses.rbegin(); at != addresses.rend() && contains(last); ++at) {
    const std::optional<Peer> before = parse_node(*at);
    if (!before) return last;
    last = *before;
  }
  return last;
}

}  // namespace chopin::http
