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

/// The fast routes compiled into finished answers and a hash table over their paths. Read-only once built, shared
/// by all workers.
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
  struct Slot {
    const char* path = nullptr;
    std::uint32_t path_size = 0;
    MethodSet methods;
    http::ResponseId response{};
    http::ResponseId options{};
    http::ResponseId method_not_allowed{};
  };

  [[nodiscard]] static std::uint64_t hash(std::string_view path) noexcept;
  [[nodiscard]] const Slot* find(std::string_view path) const noexcept;
  [[nodiscard]] http::ResponseId answer_unrouted(Method method, std::string_view path) const noexcept;

  std::vector<std::string> paths_;
  std::vector<Slot> slots_;  // open addressing, at most half full
  std::uint64_t mask_ = 0;
  http::ResponseId not_found_{};
  http::ResponseId method_not_allowed_{};  // for CONNECT and TRACE, which no resource here implements
  http::ResponseId server_options_{};      // for `OPTIONS *`
};

/// Two multiplications over the first and last bytes for paths up to 16 bytes, one more per further 8.
inline std::uint64_t FastRouteIndex::hash(std::string_view path) noexcept {
  const auto load = [](const char* from, std::size_t size) {
    std::uint64_t word = 0;
    std::memcpy(&word, from, size);
    return word;
  };
  constexpr std::uint64_t odd = 0x9E3779B97F4A7C15;  // 2^64 divided by the golden ratio
  const std::size_t size = path.size();
  const char* const bytes = path.data();
  std::uint64_t low = 0;
  std::uint64_t high = 0;
  if (size >= 8) {
    low = load(bytes, 8);
    high = load(bytes + size - 8, 8);
    for (std::size_t at = 8; at + 8 < size; at += 8) low = (low ^ load(bytes + at, 8)) * odd;
  } else if (size >= 4) {
    low = load(bytes, 4);
    high = load(bytes + size - 4, 4);
  } else if (size > 0) {
    low = load(bytes, 1) | load(bytes + size / 2, 1) << 8 | load(bytes + size - 1, 1) << 16;
  }
  const std::uint64_t mixed = ((low ^ size) * odd) ^ ((high + odd) * (odd >> 1 | 1));
  return mixed ^ (mixed >> 32);
}

inline const FastRouteIndex::Slot* FastRouteIndex::find(std::string_view path) const noexcept {
  for (std::uint64_t at = hash(path);; ++at) {
    const Slot& slot = slots_[at & mask_];
    if (slot.path == nullptr) return nullptr;
    if (slot.path_size == path.size() && std::memcmp(slot.path, path.data(), path.size()) == 0) return &slot;
  }
}

}  // namespace chopin::routing
