#pragma once

#include <cstdint>
#include <cstring>

#include "chopin/peer.hpp"
#include "http/trusted_proxies.hpp"

namespace chopin::connection {

/// Trusted proxies bring many clients; of some peers the address is not known.
inline bool is_limited(const Peer& peer, const http::TrustedProxies& proxies) noexcept {
  return peer.is_known() && !proxies.contains(peer);
}

/// What a client's address is limited as: the first half of an IPv6 address, of which one client has all, or
/// the second half of one that stands for an IPv4 address. The two never meet: nobody has an IPv6 address
/// that begins with ::ffff as a number.
inline std::uint64_t address_key(const Peer& peer) noexcept {
  std::uint64_t key = 0;
  std::memcpy(&key, peer.bytes().data() + (peer.is_v4() ? sizeof key : 0), sizeof key);
  return key;
}

}  // namespace chopin::connection
