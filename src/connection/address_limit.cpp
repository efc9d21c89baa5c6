#include "connection/address_limit.hpp"

#include <cstring>
#include <exception>
#include <sodium/core.h>
#include <sodium/crypto_shorthash.h>
#include <sodium/randombytes.h>
#include <stdexcept>

#include "connection/address_key.hpp"

namespace chopin::connection {
namespace {

std::array<unsigned char, 16> random_secret() {
  static_assert(sizeof(std::array<unsigned char, 16>) == crypto_shorthash_KEYBYTES);
  if (sodium_init() < 0) throw std::runtime_error("libsodium has no source of random bytes");
  std::array<unsigned char, 16> secret{};
  randombytes_buf(secret.data(), secret.size());
  return secret;
}

}  // namespace

std::size_t AddressLimit::Hash::operator()(std::uint64_t address) const noexcept {
  std::array<unsigned char, sizeof address> bytes{};
  std::memcpy(bytes.data(), &address, sizeof address);
  std::uint64_t hash = 0;
  static_assert(sizeof hash == crypto_shorthash_BYTES);
  crypto_shorthash(reinterpret_cast<unsigned char*>(&hash), bytes.data(), bytes.size(), secret.data());
  return hash;
}

AddressLimit::AddressLimit(std::uint32_t most, const http::TrustedProxies& proxies)
    : most_(most), proxies_(proxies), hash_{random_secret()} {
  for (std::size_t i = 0; i < shard_count; ++i) shards_.push_back(std::make_unique<Shard>(hash_));
}

AddressLimit::Shard& AddressLimit::shard_of(std::uint64_t address) noexcept {
  return *shards_[hash_(address) % shard_count];
}

bool AddressLimit::take(const Peer& peer) noexcept {
  if (!is_limited(peer, proxies_)) return true;
  const std::uint64_t address = address_key(peer);
  Shard& shard = shard_of(address);
  const std::lock_guard lock(shard.mutex);
  try {
    std::uint32_t& open = shard.open[address];
    if (open == most_) return false;
    ++open;
    return true;
  } catch (const std::exception&) {
    return false;
  }
}

void AddressLimit::give_back(const Peer& peer) noexcept {
  if (!is_limited(peer, proxies_)) return;
  const std::uint64_t address = address_key(peer);
  Shard& shard = shard_of(address);
  const std::lock_guard lock(shard.mutex);
  const auto entry = shard.open.find(address);
  if (entry != shard.open.end() && --entry->second == 0) shard.open.erase(entry);
}

std::size_t AddressLimit::addresses() const {
  std::size_t count = 0;
  for (const auto& shard : shards_) {
    const std::lock_guard lock(shard->mutex);
    count += shard->open.size();
  }
  return count;
}

}  // namespace chopin::connection
