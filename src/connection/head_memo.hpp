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

/// The heads without a body that a worker has read lately, with what it found in them. What a head means
/// depends on its bytes alone, so one with the same bytes needs no second look.
class HeadMemo {
 public:
  HeadMemo() = default;
  HeadMemo(const HeadMemo&) = delete;
  HeadMemo& operator=(const HeadMemo&) = delete;

  struct Known {
    http::RequestHead head;                       ///< its texts are views of the memo's own copy
    const routing::FastResponse* fast = nullptr;  ///< null: the router answers
    /// Where it is finished and the connection persists. Of one worker, whose clock moves the date in it.
    std::string_view response;
    /// What the router has for the path. None: it is not asked or has to be asked anew, because the path
    /// changes when it is decoded, is refused, or has parameters.
    std::optional<routing::RouteTable::Found> found;
  };

  static constexpr std::size_t capacity = 4;
  /// Larger heads, and such with more fields, are not remembered.
  static constexpr std::size_t most_bytes = 1024;
  static constexpr std::size_t most_fields = 32;
  /// Once the memo is full, one of so many unknown heads takes the place of the oldest: clients whose heads
  /// are never the same should not pay for copies.
  static constexpr std::uint32_t unknown_per_change = 256;
  /// After a search in vain the next looks are left out: one, then 3, 7 and so on up to this, until something
  /// is found.
  static constexpr std::uint32_t longest_pause = 31;

  /// The head at the start of `bytes`, null where it is not known.
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

  /// Whether the head that was found last is at the start of `bytes` again.
  [[nodiscard, gnu::always_inline]] bool repeats(std::string_view bytes) const noexcept {
    return last_found_->begins(bytes);
  }

  /// Whether a head that was not found should be remembered.
  [[nodiscard]] bool wants_another() noexcept {
    if (--unknown_until_change_ != 0) [[likely]]
      return false;
    unknown_until_change_ = unknown_per_change;
    return true;
  }
  /// `bytes` start with its head.
  void remember(std::string_view bytes, const Known& unknown) noexcept;

 private:
  struct Entry {
    std::uint64_t last_bytes = 0;  // of the head: most others differ there, if only by their size
    std::size_t size = SIZE_MAX;   // of no head
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
  std::size_t next_ = 0;  // the place that is taken next
  std::uint32_t unknown_until_change_ = 1;
  std::uint32_t pause_ = 0;
  std::uint32_t passed_over_ = 0;  // so many looks from now on
};

}  // namespace chopin::connection
