#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "http/request_head.hpp"
#include "routing/fast_route_index.hpp"
#include "routing/route_table.hpp"
#include "text/bytes.hpp"

namespace chopin::connection {

/// The heads that a worker has read lately, with their results; bodies are not kept. The meaning of a head
/// depends only on its bytes, so a head with the same bytes need not be parsed again.
///
/// Thread safety: one thread, that of the worker.
/// Lifetime: the worker's. A `Known` is valid until the next `remember`.
/// Throws: nothing.
class HeadMemo {
 public:
  HeadMemo() = default;
  HeadMemo(const HeadMemo&) = delete;
  HeadMemo& operator=(const HeadMemo&) = delete;

  struct Known {
    http::RequestHead head;                       ///< its strings are views of the memo's copy
    const routing::FastResponse* fast = nullptr;  ///< null: the router responds
    /// The prebuilt response, if there is one and the connection persists; otherwise empty. A view of the
    /// worker's own bytes, in which its clock writes the date.
    std::string_view response;
    /// What the router has for the path. Empty if a fast route responds, or if the path must be looked up
    /// each time: it changes when it is decoded, is refused, or has parameters.
    std::optional<routing::RouteTable::Found> found;
    bool wants_body = false;  ///< whether the handler of `found` gets the body
  };

  static constexpr std::size_t capacity = 4;
  /// Larger heads, and heads with more fields, are not remembered.
  static constexpr std::size_t most_bytes = 1024;
  static constexpr std::size_t most_fields = 32;
  /// Once the memo is full, only one in this many unknown heads replaces the oldest: clients whose heads
  /// always differ should not pay for copies.
  static constexpr std::uint32_t unknown_per_change = 256;
  /// After a failed search the next lookups are skipped: 1, then 3, 7 and so on up to this, until a search
  /// succeeds.
  static constexpr std::uint32_t longest_pause = 31;

  /// The head at the start of `bytes`, or null if it is not known.
  [[nodiscard, gnu::always_inline]] const Known* find(std::string_view bytes) noexcept {
    if (passed_over_ != 0) {
      --passed_over_;
      return nullptr;
    }
    if (last_found_->begins(bytes)) [[likely]] {
      pause_ = 0;
      return &last_found_->known;
    }
    if (bytes.empty()) return nullptr;
    return search(bytes) ? &last_found_->known : nullptr;
  }

  /// Whether `bytes` start with the head that was found last.
  [[nodiscard, gnu::always_inline]] bool repeats(std::string_view bytes) const noexcept {
    return last_found_->begins(bytes);
  }

  /// To be called when a head was not found: whether it should be remembered.
  [[nodiscard]] bool wants_another() noexcept {
    if (--unknown_until_change_ != 0) [[likely]]
      return false;
    unknown_until_change_ = unknown_per_change;
    return true;
  }
  /// `bytes` must start with the head of `unknown`.
  void remember(std::string_view bytes, const Known& unknown) noexcept;

 private:
  struct Entry {
    std::uint64_t last_bytes = 0;  // of the head: most other heads differ here, if only because of their size
    std::size_t size = SIZE_MAX;   // larger than any head: the entry is free
    Known known;
    std::array<char, most_bytes> bytes{};
    std::array<Field, most_fields> fields;

    [[nodiscard, gnu::always_inline]] bool begins(std::string_view input) const noexcept {
      if (input.size() < size) return false;
      const std::string_view start = input.substr(0, size);
      return last_word_of(start) == last_bytes && text::same_bytes(start, {bytes.data(), size});
    }
  };

  [[gnu::noinline]] bool search(std::string_view bytes) noexcept;
  void make_last_found(const Entry& entry) noexcept;

  static std::uint64_t last_word_of(std::string_view head) noexcept {
    return text::load<std::uint64_t>(head.data() + head.size() - sizeof(std::uint64_t));
  }

  std::array<Entry, capacity> entries_;
  const Entry* last_found_ = entries_.data();
  std::size_t next_ = 0;  // the entry that is replaced next
  std::uint32_t unknown_until_change_ = 1;
  std::uint32_t pause_ = 0;
  std::uint32_t passed_over_ = 0;  // how many of the next lookups are skipped
};

}  // namespace chopin::connection
