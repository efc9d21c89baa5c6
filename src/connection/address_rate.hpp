#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>

#include "chopin/peer.hpp"
#include "chopin/rate_limit.hpp"
#include "connection/address_key.hpp"
#include "http/trusted_proxies.hpp"

namespace chopin::connection {

/// Limits the requests a second of each client's address, over all workers. Trusted proxies, which bring many
/// clients, and peers without an address are not limited. The table has a fixed size, see RateLimit.
///
/// Thread safety: any thread. A lock is held for the look-up of one address among 128.
/// Lifetime: `proxies` must outlive it.
/// Throws: the constructor.
class AddressRate {
 public:
  AddressRate(std::uint32_t most_in_a_second, const http::TrustedProxies& proxies)
      : rate_({.burst = most_in_a_second,
               .interval = std::chrono::nanoseconds(std::chrono::seconds(1)) / most_in_a_second}),
        proxies_(proxies) {}

  /// Counts a request. False, and nothing is counted, if it is one too many.
  [[nodiscard]] bool take(const Peer& peer) noexcept {
    if (!is_limited(peer, proxies_)) return true;
    const std::uint64_t key = address_key(peer);
    return !rate_.admit(bytes_of(key), RateLimit::TimePoint::clock::now());
  }
  /// Whether the next request would be one too many.
  [[nodiscard]] bool is_used_up(const Peer& peer) noexcept {
    if (!is_limited(peer, proxies_)) return false;
    const std::uint64_t key = address_key(peer);
    return rate_.wait_of(bytes_of(key), RateLimit::TimePoint::clock::now()).has_value();
  }

 private:
  static std::string_view bytes_of(const std::uint64_t& key) noexcept {
    return {reinterpret_cast<const char*>(&key), sizeof key};
  }

  RateLimit rate_;
  const http::TrustedProxies& proxies_;
};

}  // namespace chopin::connection
