#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "chopin/peer.hpp"
#include "http/trusted_proxies.hpp"

namespace chopin::connection {

/// Limits the open connections of each client's address, over all workers: an IPv4 address, or the first 64
/// bits of an IPv6 one, of which one client has all. Trusted proxies, which bring many clients, and peers
/// without an address are not limited. The table has an entry for each address with an open connection, so
/// the limit of connections bounds it. Its hash has a random secret: nobody can choose addresses that
/// collide.
///
/// Thread safety: any thread. A lock is held for the look-up of one address among 64 shards.
/// Lifetime: `proxies` must outlive it.
/// Throws: the constructor: std::bad_alloc, and std::runtime_error without a source of random bytes.
class AddressLimit {
 public:
  AddressLimit(std::uint32_t most, const http::TrustedProxies& proxies);

  /// Counts a connection. False, and nothing is counted, if the address has as many as it may, or there is no
  /// memory to count it.
  [[nodiscard]] bool take(const Peer& peer) noexcept;
  /// A connection that was counted has ended.
  void give_back(const Peer& peer) noexcept;
  /// How many addresses have open connections.
  [[nodiscard]] std::size_t addresses() const;

 private:
  static constexpr std::size_t shard_count = 64;
  static constexpr std::size_t cache_line = 64;

  using Secret = std::array<unsigned char, 16>;
  struct Hash {
    Secret secret;
    std::size_t operator()(std::uint64_t address) const noexcept;
  };
  struct alignas(cache_line) Shard {
    explicit Shard(const Hash& hash) : open(0, hash) {}

    mutable std::mutex mutex;
    std::unordered_map<std::uint64_t, std::uint32_t, Hash> open;  // connections of an address
  };

  [[nodiscard]] Shard& shard_of(std::uint64_t address) noexcept;

  const std::uint32_t most_;
  const http::TrustedProxies& proxies_;
  const Hash hash_;
  std::vector<std::unique_ptr<Shard>> shards_;
};

}  // namespace chopin::connection
