#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "chopin/error.hpp"
#include "chopin/peer.hpp"

namespace chopin {

/// How often something may happen for each key.
struct RateLimitOptions {
  /// How many may happen at once.
  std::uint32_t burst = 10;
  /// After that, one in each interval. More than 0.
  std::chrono::nanoseconds interval = std::chrono::seconds(1);
  /// Keys that are remembered, rounded up to a multiple of 512. Each takes 16 bytes.
  std::size_t keys = 16'384;
};

/// Limits how often something happens for a key, such as an e-mail address or a client's address: by GCRA,
/// the generic cell rate algorithm, which needs one time for each key. What is refused does not count, so
/// that no key is locked out: one that has waited for as long as it was told is admitted.
///
///     const auto limit = std::make_shared<chopin::RateLimit>(chopin::RateLimitOptions{.burst = 5});
///     ...
///       limit->check(email, std::chrono::steady_clock::now());
///
/// The table has a fixed size. A key is found by a hash of 64 bits with a random secret of each object, so
/// that nobody can choose keys that displace others. A new key takes the place of the one, among eight, that
/// has used up least; the displaced key is forgotten, and so admitted a little early.
///
/// Thread safety: any thread. A lock is held for the look-up of one key among 128.
/// Lifetime: owns its table; keys are not kept.
/// Throws: std::bad_alloc from the constructor, and std::invalid_argument for a burst or a number of keys of
///         0, an interval of 0 or less, or a burst that takes more than a year to come back.
class RateLimit {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  explicit RateLimit(const RateLimitOptions& options);

  /// Nothing if it is admitted, otherwise how long to wait: more than 0.
  [[nodiscard]] std::optional<std::chrono::nanoseconds> admit(std::string_view key, TimePoint time) noexcept;
  /// The same, but nothing is counted.
  [[nodiscard]] std::optional<std::chrono::nanoseconds> wait_of(std::string_view key,
                                                                TimePoint time) noexcept;
  /// Throws HttpError 429 with Retry-After in whole seconds, rounded up, if it is not admitted.
  void check(std::string_view key, TimePoint now);

 private:
  static constexpr std::size_t shards = 64;
  static constexpr std::size_t ways = 8;

  struct Entry {
    std::uint64_t key = 0;
    std::int64_t used_up_until = 0;  // nanoseconds of the clock: when all of the burst is back
  };
  using Bucket = std::array<Entry, ways>;
  static constexpr std::size_t cache_line = 64;
  struct alignas(cache_line) Shard {
    std::mutex mutex;
    std::vector<Bucket> buckets;
  };

  struct Place {
    Shard& shard;
    Bucket& bucket;
  };

  [[nodiscard]] std::uint64_t hash(std::string_view key) const noexcept;
  [[nodiscard]] Place place_of(std::uint64_t hashed) noexcept;
  [[nodiscard]] std::optional<std::chrono::nanoseconds> wait_from(std::int64_t used_up_for) const noexcept;

  const std::int64_t interval_;
  const std::int64_t tolerance_;
  std::array<unsigned char, 16> secret_{};
  std::vector<Shard> shards_{shards};
};

/// The part of a client's address that identifies the client: all of an IPv4 address, the first 64 bits of an
/// IPv6 one, because a client has all addresses that begin with these. As bytes; empty if the address is not
/// known.
[[nodiscard]] std::string address_prefix(const Peer& peer);

}  // namespace chopin
