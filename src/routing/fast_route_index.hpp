#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "chopin/fast_route.hpp"
#include "chopin/method.hpp"
#include "http/canned_response.hpp"

namespace chopin::routing {

/// The fast routes compiled into finished answers and a hash table over their paths. Read-only once built,
/// shared by all workers.
class FastRouteIndex {
 public:
  /// Adds the answers of the routes, and those for requests that no route answers, to `responses`.
  FastRouteIndex(const FastRouteTable& table, http::CannedResponses& responses);

  /// The answer to a method on a path without its query. Every request has one.
  [[nodiscard]] http::ResponseId answer(Method method, std::string_view path) const noexcept {
    const Slot* const slot = find(path);
    if (slot == nullptr) [[unlikely]]
      return answer_unrouted(method, path);
    if (slot->methods.contains(method)) [[likely]]
      return slot->response;
    return method == Method::options ? slot->options : slot->method_not_allowed;
  }

 private:
  /// A path in three words: its first and its last bytes, 8 each or fewer where it is shorter, and its size.
  /// Up to 16 bytes that is the whole path, and comparing keys compares paths; of a longer one `first` also
  /// holds a digest of what is between.
  struct Key {
    static constexpr std::uint64_t odd = 0x9E3779B97F4A7C15;  // 2^64 divided by the golden ratio
    static constexpr std::uint64_t whole_size = 16;
    static constexpr std::uint64_t no_path = UINT64_MAX;

    std::uint64_t first = 0;
    std::uint64_t last = 0;
    std::uint64_t size = no_path;

    Key() noexcept = default;
    explicit Key(std::string_view path) noexcept;
    [[nodiscard]] std::uint64_t hash() const noexcept;
    bool operator==(const Key&) const noexcept = default;
  };

  struct Slot {
    Key key;  // of no path: the slot is free
    const char* path = nullptr;
    MethodSet methods;
    http::ResponseId response{};
    http::ResponseId options{};
    http::ResponseId method_not_allowed{};
  };

  [[nodiscard]] const Slot* find(std::string_view path) const noexcept;
  [[nodiscard]] http::ResponseId answer_unrouted(Method method, std::string_view path) const noexcept;

  std::vector<std::string> paths_;
  std::vector<Slot> slots_;  // open addressing, at most a quarter full
  std::uint64_t mask_;
  http::ResponseId not_found_;
  http::ResponseId method_not_allowed_;  // for CONNECT and TRACE, which no resource here implements
  http::ResponseId server_options_;      // for `OPTIONS *`
};

inline FastRouteIndex::Key::Key(std::string_view path) noexcept : size(path.size()) {
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

inline std::uint64_t FastRouteIndex::Key::hash() const noexcept {
  const std::uint64_t mixed = ((first ^ size) * odd) ^ last;
  return ((mixed ^ (mixed >> 32)) * odd) >> 32;  // a product only carries upwards, so its top is folded down
}

inline const FastRouteIndex::Slot* FastRouteIndex::find(std::string_view path) const noexcept {
  const Key key(path);
  for (std::uint64_t at = key.hash();; ++at) {
    const Slot& slot = slots_[at & mask_];
    if (slot.key == key) [[likely]] {
      if (key.size <= Key::whole_size || std::memcmp(slot.path, path.data(), path.size()) == 0) return &slot;
    } else if (slot.key.size == Key::no_path) {
      return nullptr;
    }
  }
}

}  // namespace chopin::routing
