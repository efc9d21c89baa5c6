#include "chopin/rate_limit.hpp"

#include <algorithm>
#include <sodium/core.h>
#include <sodium/crypto_shorthash.h>
#include <sodium/randombytes.h>
#include <stdexcept>
#include <tuple>

namespace chopin {
namespace {

using std::chrono::nanoseconds;

std::int64_t checked_interval(const RateLimitOptions& options) {
  constexpr nanoseconds longest = std::chrono::hours(24 * 365);
  if (options.burst == 0 || options.keys == 0 || options.interval <= nanoseconds(0)) {
    throw std::invalid_argument("a rate limit needs a burst, keys and an interval of more than 0");
  }
  if (options.interval > longest / options.burst) {
    throw std::invalid_argument("the burst of a rate limit takes more than a year to come back");
  }
  return options.interval.count();
}

HttpError too_many(std::chrono::seconds wait) {
  HttpError error(429, "too many attempts");
  error.add_field("Retry-After", std::to_string(wait.count()));
  return error;
}

}  // namespace

RateLimit::RateLimit(const RateLimitOptions& options)
    : interval_(checked_interval(options)), tolerance_(interval_ * (std::int64_t{options.burst} - 1)) {
  static_assert(std::tuple_size_v<decltype(secret_)> == crypto_shorthash_KEYBYTES);
  static_assert(sizeof(std::uint64_t) == crypto_shorthash_BYTES);
  if (sodium_init() < 0) throw std::runtime_error("libsodium has no source of random bytes");
  randombytes_buf(secret_.data(), secret_.size());
  const std::size_t buckets = (options.keys + shards * ways - 1) / (shards * ways);
  for (Shard& shard : shards_) shard.buckets.resize(buckets);
}

std::uint64_t RateLimit::hash(std::string_view key) const noexcept {
  std::uint64_t hash = 0;
  crypto_shorthash(reinterpret_cast<unsigned char*>(&hash),
                   reinterpret_cast<const unsigned char*>(key.data()), key.size(), secret_.data());
  return hash;
}

RateLimit::Place RateLimit::place_of(std::uint64_t hashed) noexcept {
  Shard& shard = shards_[hashed % shards];
  return {.shard = shard, .bucket = shard.buckets[(hashed / shards) % shard.buckets.size()]};
}

std::optional<nanoseconds> RateLimit::wait_from(std::int64_t used_up_for) const noexcept {
  if (used_up_for <= tolerance_) return std::nullopt;
  return nanoseconds(used_up_for - tolerance_);
}

std::optional<nanoseconds> RateLimit::admit(std::string_view key, TimePoint time) noexcept {
  const std::uint64_t hashed = hash(key);
  const std::int64_t now = nanoseconds(time.time_since_epoch()).count();
  const auto [shard, bucket] = place_of(hashed);
  const std::lock_guard lock(shard.mutex);
  auto* entry = std::ranges::find(bucket, hashed, &Entry::key);
  if (entry == bucket.end()) {
    entry = std::ranges::min_element(bucket, {}, &Entry::used_up_until);
    *entry = {.key = hashed, .used_up_until = now};
  }
  const std::int64_t from = std::max(entry->used_up_until, now);
  if (const auto wait = wait_from(from - now)) return wait;
  entry->used_up_until = from + interval_;
  return std::nullopt;
}

std::optional<nanoseconds> RateLimit::wait_of(std::string_view key, TimePoint time) noexcept {
  const std::uint64_t hashed = hash(key);
  const auto [shard, bucket] = place_of(hashed);
  const std::lock_guard lock(shard.mutex);
  const auto* entry = std::ranges::find(bucket, hashed, &Entry::key);
  if (entry == bucket.end()) return std::nullopt;
  return wait_from(entry->used_up_until - nanoseconds(time.time_since_epoch()).count());
}

void RateLimit::check(std::string_view key, TimePoint now) {
  const auto wait = admit(key, now);
  if (!wait) return;
  throw too_many(std::chrono::ceil<std::chrono::seconds>(*wait));
}

std::string address_prefix(const Peer& peer) {
  if (!peer.is_known()) return {};
  constexpr std::size_t v6_prefix = 8;
  const auto& bytes = peer.bytes();
  return {bytes.begin(), peer.is_v4() ? bytes.end() : bytes.begin() + v6_prefix};
}

}  // namespace chopin
