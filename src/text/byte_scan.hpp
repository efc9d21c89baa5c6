#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "text/bytes.hpp"
#include "text/characters.hpp"

namespace chopin::text {

/// Skips the bytes of a character class, 32 at a time if the build has AVX2. `slack` bytes after the end must
/// be readable; their values do not matter.
class ByteScan {
 public:
  /// The head scanner does not compare with the end at every step: a step starts up to 41 bytes past the end
  /// (a target and the rest of its line) and reads 32 from there.
  static constexpr std::size_t slack = 96;

  explicit ByteScan(std::string_view bytes) noexcept
      : begin_(bytes.data()), end_(bytes.data() + bytes.size()) {
#ifdef __AVX2__
    // Hides where the constants come from, or GCC would rebuild them at each use.
    asm("" : "+x"(low_halves_), "+x"(no_members_), "+x"(token_members_), "+x"(ones_), "+x"(behind_space_));
#endif
  }

  [[nodiscard]] const char* begin() const noexcept { return begin_; }
  [[nodiscard]] const char* end() const noexcept { return end_; }

  /// The first byte from `at` on that is in none of the classes. If there is none before the end, the result
  /// is the end or one of the 32 bytes after the later of the end and `at`; nothing beyond those is read. If
  /// `at` is past the end, the result may also be the end.
  template <std::uint8_t Classes>
  [[nodiscard, gnu::always_inline]] const char* skip(const char* at) const noexcept {
#ifdef __AVX2__
    return find(at, [this](const char* block) { return outside_of<Classes>(block); });
#else
    while (at < end_ && is_in(*at, Classes)) ++at;
    return at;
#endif
  }

  /// The same for printable ASCII: from space to tilde.
  [[nodiscard, gnu::always_inline]] const char* skip_printable(const char* at) const noexcept {
#ifdef __AVX2__
    return find(at, [this](const char* block) { return unprintable(block); });
#else
    while (at < end_ && *at >= ' ' && *at <= '~') ++at;
    return at;
#endif
  }

 private:
#ifdef __AVX2__
  static constexpr std::size_t width = sizeof(Block);
  using Table = std::array<char, width>;  // 16 bytes, twice: the shuffle looks up within each half

  /// `masked` returns one bit per byte of a block, set for the bytes looked for.
  [[nodiscard, gnu::always_inline]] const char* find(const char* at, auto masked) const noexcept {
    for (;; at += width) {
      const std::uint32_t found = masked(at);
      if (found != 0) [[likely]]
        return at + std::countr_zero(found);
      if (end_ - at <= std::ptrdiff_t{width}) return end_;
    }
  }

  /// For each low half of a byte: one bit for each high half that makes the byte a member of the classes.
  template <std::uint8_t Classes>
  alignas(width) static constexpr Table members = [] {
    Table table{};
    for (unsigned c = 0; c < 0x80; ++c) {
      if (!is_in(static_cast<char>(c), Classes)) continue;
      for (const unsigned low : {c & 0xF, (c & 0xF) + 16}) {
        table[low] = static_cast<char>(table[low] | 1 << (c >> 4));
      }
    }
    return table;
  }();

  alignas(width) static constexpr Table bit_of_high_half = [] {
    Table table{};
    for (unsigned high = 0; high < 8; ++high) {
      table[high] = table[high + 16] = static_cast<char>(1 << high);
    }
    return table;
  }();

  /// Whether the classes contain the bytes outside ASCII: all of them or none.
  template <std::uint8_t Classes>
  static constexpr bool has_non_ascii = [] {
    for (unsigned c = 0x80; c < 0x100; ++c) {
      if (is_in(static_cast<char>(c), Classes) != is_in('\x80', Classes)) throw "neither all nor none";
    }
    return is_in('\x80', Classes);
  }();

  /// One bit for each of `width` bytes, set if the byte is in none of the classes.
  template <std::uint8_t Classes>
  [[nodiscard, gnu::always_inline]] std::uint32_t outside_of(const char* at) const noexcept {
    const auto bytes = load<Block>(at);
    const Block high_halves = _mm256_and_si256(_mm256_srli_epi16(bytes, 4), low_halves_);
    const Block table =
        Classes == character_class::token ? token_members_ : load<Block>(members<Classes>.data());
    const Block matched = _mm256_and_si256(_mm256_shuffle_epi8(table, bytes),
                                           _mm256_shuffle_epi8(bits_of_high_halves_, high_halves));
    const Block outside = _mm256_cmpeq_epi8(matched, no_members_);
    const auto bits = static_cast<std::uint32_t>(_mm256_movemask_epi8(outside));
    if constexpr (!has_non_ascii<Classes>) return bits;
    return bits & ~static_cast<std::uint32_t>(_mm256_movemask_epi8(bytes));
  }

  /// Adding one maps space..tilde to 0x21..0x7f. As a signed byte everything else, DEL included, is then less
  /// than 0x21.
  [[nodiscard, gnu::always_inline]] std::uint32_t unprintable(const char* at) const noexcept {
    const Block next = _mm256_add_epi8(load<Block>(at), ones_);
    return static_cast<std::uint32_t>(_mm256_movemask_epi8(_mm256_cmpgt_epi8(behind_space_, next)));
  }

  Block token_members_ = load<Block>(members<character_class::token>.data());
  Block ones_ = _mm256_set1_epi8(1);
  Block behind_space_ = _mm256_set1_epi8(' ' + 1);
  Block low_halves_ = _mm256_set1_epi8(0xF);
  Block no_members_ = _mm256_setzero_si256();
  Block bits_of_high_halves_ = load<Block>(bit_of_high_half.data());
#endif

  const char* begin_;
  const char* end_;
};

}  // namespace chopin::text
