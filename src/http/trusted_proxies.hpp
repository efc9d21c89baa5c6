#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "chopin/peer.hpp"
#include "chopin/request.hpp"

namespace chopin::http {

/// What is wrong with "192.0.2.0/24", "2001:db8::/32" or an address alone; empty if nothing.
std::string fault_of_address_range(std::string_view range);

/// The proxies whose word about their client is believed.
class TrustedProxies {
 public:
  /// `ranges`: without fault. Throws std::invalid_argument, naming the range, for one that has.
  explicit TrustedProxies(const std::vector<std::string>& ranges);

  [[nodiscard]] bool empty() const noexcept { return ranges_.empty(); }
  [[nodiscard]] bool contains(const Peer& peer) const noexcept;
  /// The client of a request on a connection with `peer`: if that is a trusted proxy, the last address that
  /// is none, in Forwarded (RFC 7239) or X-Forwarded-For. A proxy may pass on the field that it does not
  /// write itself, from anyone: if the two disagree, neither is believed.
  [[nodiscard]] Peer client_of(const Peer& peer, std::span<const Field> fields) const;

 private:
  struct Range {
    std::array<std::uint8_t, 16> bytes;
    unsigned bits;
  };

  [[nodiscard]] Peer last_untrusted(const Peer& peer, const std::vector<std::string_view>& addresses) const;

  std::vector<Range> ranges_;
};

}  // namespace chopin::http
