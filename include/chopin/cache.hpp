#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <unordered_map>
#include <utility>
#include <vector>

namespace chopin {

/// Values that are kept for a while, for all workers: a bounded number of entries, each with a lifetime that
/// begins with its insertion and that no use extends.
///
///     const auto cache = std::make_shared<chopin::Cache<std::int32_t, std::shared_ptr<const Item>>>(10'000);
///     ...
///       const auto found = cache->find(id);
///       if (found) co_return write(*found.value, response);
///       const auto item = co_await read_item(request.worker<chopin::Database>(), id);
///       cache->insert(id, item, 200ms, found);
///       ...
///
/// The entries are spread over shards, each with a lock that is held for one look-up, or for one insertion
/// and the removal of the entry it replaces. An insertion into a full shard replaces an expired entry, or one
/// that has not been found since the last time it was considered (CLOCK). A shard is full with its share of
/// the entries, so that the cache as a whole may begin to replace a little before it is full. An expired
/// entry that nobody asks for stays until it is replaced.
///
/// The price of a `find`: a lock without waiting, a hash look-up, a reading of the clock and a copy of the
/// value: 128 to 153 ns with 10,000 entries on a busy machine. So a value of more than a few words should be
/// a shared pointer.
///
/// Thread safety: any thread.
/// Lifetime: owns keys and values; one that is replaced or erased is destroyed after the lock is released.
/// Throws: std::invalid_argument from the constructor for a cache of 0 entries; std::bad_alloc; what copying
///         a value and hashing a key throw.
template <class Key, class Value, class Hash = std::hash<Key>, class Clock = std::chrono::steady_clock>
class Cache {
 public:
  /// What `find` has found.
  struct Found {
    std::optional<Value> value;
    /// How often entries of the key's shard had been erased.
    std::uint64_t erasures = 0;

    explicit operator bool() const noexcept { return value.has_value(); }
  };

  /// `most_entries`: the bound of the whole cache. `shards`: how many threads can use it at the same time; at
  /// most one for each entry.
  explicit Cache(std::size_t most_entries, std::size_t shards = 64)
      : shards_(shard_count(most_entries, shards)) {
    for (std::size_t index = 0; index < shards_.size(); ++index) {
      shards_[index].most = most_entries / shards_.size() + (index < most_entries % shards_.size() ? 1 : 0);
    }
  }

  [[nodiscard]] Found find(const Key& key) {
    Shard& shard = shard_of(key);
    const auto now = Clock::now();
    Node expired;
    const std::lock_guard lock(shard.mutex);
    const auto entry = shard.entries.find(key);
    if (entry == shard.entries.end()) return {std::nullopt, shard.erasures};
    if (entry->second.end <= now) {
      expired = shard.remove(entry);
      return {std::nullopt, shard.erasures};
    }
    entry->second.is_used = true;
    return {entry->second.value, shard.erasures};
  }

  /// Replaces the value of the key, if there is one.
  void insert(const Key& key, Value value, typename Clock::duration lifetime) {
    insert_if(key, std::move(value), lifetime, nullptr);
  }
  /// The same, but does nothing if an entry of the key's shard has been erased since `found` was looked up:
  /// then `value` may have been read before the change for which that entry was erased.
  void insert(const Key& key, Value value, typename Clock::duration lifetime, const Found& found) {
    insert_if(key, std::move(value), lifetime, &found.erasures);
  }

  /// Call it after the value has changed at its source. Returns whether there was an entry.
  bool erase(const Key& key) {
    Shard& shard = shard_of(key);
    Node erased;
    const std::lock_guard lock(shard.mutex);
    ++shard.erasures;
    const auto entry = shard.entries.find(key);
    if (entry == shard.entries.end()) return false;
    erased = shard.remove(entry);
    return true;
  }

  /// Entries, expired ones included.
  [[nodiscard]] std::size_t size() const {
    std::size_t sum = 0;
    for (const Shard& shard : shards_) {
      const std::lock_guard lock(shard.mutex);
      sum += shard.entries.size();
    }
    return sum;
  }

 private:
  struct Entry {
    Value value;
    typename Clock::time_point end;
    std::size_t place = 0;  // in Shard::circle
    bool is_used = false;
  };
  using Entries = std::unordered_map<Key, Entry, Hash>;
  using Node = typename Entries::node_type;

  static constexpr std::size_t cache_line = 64;
  struct alignas(cache_line) Shard {
    mutable std::mutex mutex;
    std::size_t most = 0;
    std::uint64_t erasures = 0;
    Entries entries;
    std::vector<typename Entries::value_type*> circle;
    std::size_t hand = 0;  // in circle

    /// So that an entry which has been added is in the circle, too.
    void make_room_in_circle() {
      if (circle.size() == circle.capacity()) circle.reserve(2 * circle.size() + 1);
    }
    Node remove(typename Entries::iterator entry) {
      auto*& vacated = circle[entry->second.place];
      vacated = circle.back();
      vacated->second.place = entry->second.place;
      circle.pop_back();
      return entries.extract(entry);
    }
    /// Ends, because on the second pass no entry is marked as used.
    Node remove_least_useful(typename Clock::time_point now) {
      for (;; ++hand) {
        if (hand >= circle.size()) hand = 0;
        auto& [key, entry] = *circle[hand];
        if (entry.end <= now || !std::exchange(entry.is_used, false)) return remove(entries.find(key));
      }
    }
  };

  static std::size_t shard_count(std::size_t most_entries, std::size_t shards) {
    if (most_entries == 0) throw std::invalid_argument("a cache of 0 entries");
    return std::clamp<std::size_t>(shards, 1, most_entries);
  }
  [[nodiscard]] Shard& shard_of(const Key& key) {
    // std::hash of an integer is often the integer itself: the multiplication spreads its bits to the upper
    // half. The factor is 2^64 divided by the golden ratio, Fibonacci hashing.
    constexpr std::uint64_t spread = 0x9E3779B97F4A7C15;
    const std::uint64_t hash = static_cast<std::uint64_t>(Hash()(key)) * spread;
    return shards_[(hash >> 32U) % shards_.size()];
  }

  void insert_if(const Key& key, Value value, typename Clock::duration lifetime,
                 const std::uint64_t* erasures) {
    Shard& shard = shard_of(key);
    const auto now = Clock::now();
    Node replaced;
    const std::lock_guard lock(shard.mutex);
    if (erasures != nullptr && *erasures != shard.erasures) return;
    if (const auto entry = shard.entries.find(key); entry != shard.entries.end()) {
      std::swap(entry->second.value, value);  // the old one ends with the parameter, after the lock
      entry->second.end = now + lifetime;
      return;
    }
    if (shard.entries.size() == shard.most) replaced = shard.remove_least_useful(now);
    shard.make_room_in_circle();
    const auto entry =
        shard.entries.try_emplace(key, Entry{std::move(value), now + lifetime, shard.circle.size()}).first;
    shard.circle.push_back(&*entry);
  }

  std::vector<Shard> shards_;
};

}  // namespace chopin
