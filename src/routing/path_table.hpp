#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace chopin::routing {

/// A path in three words: its first and last bytes, 8 each or fewer if it is shorter, and its size. Up to 16
/// bytes that is the whole path, and comparing keys compares paths. For a longer path `first` also contains a
/// digest of the bytes between.
struct PathKey {
  static constexpr std::uint64_t odd = 0x9E3779B97F4A7C15;  // 2^64 divided by the golden ratio
  static constexpr std::uint64_t whole_size = 16;
  static constexpr std::uint64_t no_path = UINT64_MAX;

  std::uint64_t first = 0;
  std::uint64_t last = 0;
  std::uint64_t size = no_path;

  PathKey() noexcept = default;

  [[gnu::always_inline]] explicit PathKey(std::string_view path) noexcept : size(path.size()) {
    const auto load = [&path](std::size_t at, std::size_t count) {
      std::uint64_t word = 0;
      std::memcpy(&word, path.data() + at, count);
      return word;
    };
    if (size >= 8) {
      first = load(0, 8);
      last = load(size - 8, 8);
      if (size > whole_size) {
        for (std::uint64_t at = 8; at + 8 < size; at += 8) first = (first ^ load(at, 8)) * odd;
      }
    } else if (size >= 4) {
      first = load(0, 4);
      last = load(size - 4, 4);
    } else if (size > 0) {
      first = load(0, 1);
      last = load(size / 2, 1) << 8 | load(size - 1, 1);
    }
  }

  [[nodiscard]] std::uint64_t hash() const noexcept {
    __extension__ using Wide = unsigned __int128;
    const Wide product = Wide{first ^ size} * (last ^ odd);
    return static_cast<std::uint64_t>(product >> 64 ^ product);  // the table is indexed by the low bits
  }

  bool operator==(const PathKey&) const noexcept = default;
};

/// Maps exact paths to values: a hash table with open addressing, at most a quarter full, built once. A
/// lookup costs the length of the path, however many paths there are.
template <class Value>
class PathTable {
 public:
  /// No path may appear twice.
  explicit PathTable(std::vector<std::pair<std::string, Value>> entries)
      : entries_(std::move(entries)),
        slots_(std::bit_ceil(entries_.size() * 4 + 1)),
        mask_(slots_.size() - 1) {
    for (const auto& [path, value] : entries_) {
      const PathKey key(path);
      std::uint64_t at = key.hash();
      while (slots_[at & mask_].key.size != PathKey::no_path) ++at;
      slots_[at & mask_] = {.key = key, .path = path.data(), .value = value};
    }
  }

  PathTable(PathTable&&) noexcept = default;
  PathTable& operator=(PathTable&&) noexcept = default;

  [[nodiscard, gnu::always_inline]] const Value* find(std::string_view path) const noexcept {
    const PathKey key(path);
    for (std::uint64_t at = key.hash();; ++at) {
      const Slot& slot = slots_[at & mask_];
      if (slot.key == key) [[likely]] {
        if (key.size <= PathKey::whole_size || std::memcmp(slot.path, path.data(), path.size()) == 0) {
          return &slot.value;
        }
      } else if (slot.key.size == PathKey::no_path) {
        return nullptr;
      }
    }
  }

 private:
  struct Slot {
    PathKey key;  // size `no_path`: the slot is free
    const char* path = nullptr;
    Value value{};
  };

  std::vector<std::pair<std::string, Value>> entries_;  // the slots point into the paths
  std::vector<Slot> slots_;
  std::uint64_t mask_;
};

}  // namespace chopin::routing
