#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <random>
#include <vector>

namespace chopin::app {

/// Ids and numbers of the world tables, at random. A service of each worker.
///
/// Thread safety: one thread at a time.
/// Lifetime: owns its state.
/// Throws: std::bad_alloc from `ascending`.
class RandomWorlds {
 public:
  static constexpr std::int32_t worlds = 10'000;

  explicit RandomWorlds(std::uint64_t seed = std::random_device()()) : engine_(seed) {}

  /// 1..10000.
  [[nodiscard]] std::int32_t next() { return range_(engine_); }
  /// So many different ids, in ascending order. Slow for more than half of all.
  [[nodiscard]] std::vector<std::int32_t> ascending(std::size_t count) {
    std::vector<std::int32_t> ids;
    ids.reserve(count);
    while (ids.size() < count) {
      while (ids.size() < count) ids.push_back(next());
      std::ranges::sort(ids);
      const auto repeated = std::ranges::unique(ids);
      ids.erase(repeated.begin(), repeated.end());
    }
    return ids;
  }

 private:
  std::mt19937_64 engine_;
  std::uniform_int_distribution<std::int32_t> range_{1, worlds};
};

}  // namespace chopin::app
