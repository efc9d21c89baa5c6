#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

#include "text/bytes.hpp"
#include "text/characters.hpp"

namespace chopin::text {

#ifdef __AVX2__
/// What `ByteScan` compares with.
struct ScanPatterns {
  /// The same byte in every place.
  using Pattern = std::array<char, sizeof(Block)>;
  static constexpr Pattern all(int byte) noexcept {
    Pattern pattern{};
    pattern.fill(static_cast<char>(byte));
    return pattern;
  }

  /// Adding `to_least` makes the first byte of a range the least signed one, and the last one `greatest`.
  struct Range {
    Pattern to_least;
    Pattern greatest;
    constexpr Range(int first, int last) noexcept
        : to_least(all(-128 - first)), greatest(all(-128 + last - first)) {}
  };

  alignas(Block) Range letters{'a', 'z'};
  Range printable{' ', '~'};
  Range visible{'!', '~'};
  Pattern case_bit = all(' ');
  Pattern dash = all('-');
  Pattern number_sign = all('#');
  Pattern question_mark = all('?');
};
inline constexpr ScanPatterns scan_patterns{};
#endif

/// Measures the parts of a head, a block of 32 bytes at a time: with few instructions if the build has AVX2,
/// else byte by byte. Make one for several measurements of fields: it holds in registers what they need.
///
/// `slack` bytes after the end of a head must be readable; their values do not matter.
class ByteScan {
 public:
  static constexpr std::size_t block = 32;
  /// The head scanner compares with the end only before each line, which may then go on for a block of its
  /// name, ": ", and two blocks of its value.
  static constexpr std::size_t slack = 128;

  // NOLINTBEGIN(readability-convert-member-functions-to-static): with AVX2 they use members

  /// How many bytes at the start of the block are letters and dashes: the whole of most field names.
  [[nodiscard, gnu::always_inline]] std::size_t count_letters(const char* at) const noexcept {
#ifdef __AVX2__
    const auto bytes = load<Block>(at);
    const Block others = letters_.outside(_mm256_or_si256(bytes, case_bits_));
    return first_of(_mm256_andnot_si256(_mm256_cmpeq_epi8(bytes, dashes_), others));
#else
    return count(at, [](char c) { return c == '-' || (to_lower(c) >= 'a' && to_lower(c) <= 'z'); });
#endif
  }

  /// The same for printable ASCII: from space to tilde.
  [[nodiscard, gnu::always_inline]] std::size_t count_printable(const char* at) const noexcept {
#ifdef __AVX2__
    return first_of(printable_.outside(load<Block>(at)));
#else
    return count(at, [](char c) { return c >= ' ' && c <= '~'; });
#endif
  }

  // NOLINTEND(readability-convert-member-functions-to-static)

  struct Target {
    std::size_t path;  ///< before a question mark
    std::size_t size;
  };
  /// The same for the bytes of a target, which are visible ASCII except `#`.
  [[nodiscard, gnu::always_inline]] static Target count_target(const char* at) noexcept {
#ifdef __AVX2__
    const ScanPatterns* const patterns = hidden_patterns();
    const auto bytes = load<Block>(at);
    const Block number_signs = _mm256_cmpeq_epi8(bytes, loaded(patterns->number_sign));
    const Block question_marks = _mm256_cmpeq_epi8(bytes, loaded(patterns->question_mark));
    const Block others = _mm256_or_si256(number_signs, Range(patterns->visible).outside(bytes));
    return {.path = first_of(_mm256_or_si256(others, question_marks)), .size = first_of(others)};
#else
    return {.path = count(at, [](char c) { return is_in(c, character_class::path); }),
            .size = count(at, [](char c) { return is_in(c, character_class::target); })};
#endif
  }

 private:
#ifdef __AVX2__
  static_assert(sizeof(Block) == block);

  [[gnu::always_inline]] static Block loaded(const ScanPatterns::Pattern& pattern) noexcept {
    return load<Block>(pattern.data());
  }

  /// The index of the first byte that is not 0, or `block`.
  [[gnu::always_inline]] static std::size_t first_of(Block bytes) noexcept {
    return static_cast<std::uint64_t>(
        std::countr_zero(static_cast<std::uint32_t>(_mm256_movemask_epi8(bytes))));
  }

  struct Range {
    [[gnu::always_inline]] explicit Range(const ScanPatterns::Range& range) noexcept
        : to_least(loaded(range.to_least)), greatest(loaded(range.greatest)) {}

    [[nodiscard, gnu::always_inline]] Block outside(Block bytes) const noexcept {
      return _mm256_cmpgt_epi8(_mm256_add_epi8(bytes, to_least), greatest);
    }

    Block to_least;
    Block greatest;
  };

  /// Hides where they are: GCC would compose each pattern anew, with three instructions.
  [[gnu::always_inline]] static const ScanPatterns* hidden_patterns() noexcept {
    const ScanPatterns* patterns = &scan_patterns;
    asm("" : "+r"(patterns));
    return patterns;
  }

  const ScanPatterns* patterns_ = hidden_patterns();
  Range letters_{patterns_->letters};
  Range printable_{patterns_->printable};
  Block case_bits_ = loaded(patterns_->case_bit);
  Block dashes_ = loaded(patterns_->dash);
#else
  static std::size_t count(const char* at, auto belongs) noexcept {
    std::size_t size = 0;
    while (size < block && belongs(at[size])) ++size;
    return size;
  }
#endif
};

}  // namespace chopin::text
