#include "chopin/peer.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <netinet/in.h>

namespace chopin {
namespace {

constexpr std::array<std::uint8_t, 12> v4_prefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

}  // namespace

std::optional<Peer> Peer::parse(std::string_view address, std::uint16_t port) {
  const std::string text(address);  // inet_pton wants an end
  std::array<std::uint8_t, 16> bytes{};
  if (inet_pton(AF_INET6, text.c_str(), bytes.data()) == 1) return Peer(bytes, port);
  std::ranges::copy(v4_prefix, bytes.begin());
  if (inet_pton(AF_INET, text.c_str(), bytes.data() + v4_prefix.size()) == 1) return Peer(bytes, port);
  return std::nullopt;
}

bool Peer::is_v4() const noexcept {
  return std::equal(v4_prefix.begin(), v4_prefix.end(), bytes_.begin());
}

std::string Peer::address() const {
  if (!is_known()) return {};
  char text[INET6_ADDRSTRLEN];
  const int family = is_v4() ? AF_INET : AF_INET6;
  const std::uint8_t* const bytes = bytes_.data() + (is_v4() ? v4_prefix.size() : 0);
  return inet_ntop(family, bytes, text, sizeof text) == nullptr ? std::string() : std::string(text);
}

std::string Peer::text() const {
  if (!is_known()) return {};
  const std::string port = std::to_string(port_);
  return is_v4() ? address() + ":" + port : "[" + address() + "]:" + port;
}

}  // namespace chopin
