#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#ifdef __AVX2__
#include <immintrin.h>
#endif

namespace chopin::text {

/// A word read from `bytes`, in the machine's byte order; needs no alignment.
template <class Word>
[[gnu::always_inline]] inline Word load(const char* bytes) noexcept {
  Word word{};
  std::memcpy(&word, bytes, sizeof word);
  return word;
}

#ifdef __AVX2__
using Block = __m256i;
#endif

/// From this size on `same_bytes` calls nothing, if the build has AVX2.
inline constexpr std::size_t least_compared_inline = 8;

/// Compares two texts of the same size.
[[gnu::always_inline]] inline bool same_bytes(std::string_view a, std::string_view b) noexcept {
  const std::size_t size = a.size();
#ifdef __AVX2__
  constexpr std::size_t width = sizeof(Block);
  if (size >= width) {
    const auto difference = [a, b](std::size_t at) {
      return _mm256_xor_si256(load<Block>(a.data() + at), load<Block>(b.data() + at));
    };
    Block found = difference(size - width);
    std::size_t at = 0;
    for (; at + 4 * width <= size; at += 4 * width) {
      for (std::size_t part = 0; part < 4; ++part) {
        found = _mm256_or_si256(found, difference(at + part * width));
      }
    }
    for (; at + width < size; at += width) found = _mm256_or_si256(found, difference(at));
    return _mm256_testz_si256(found, found) != 0;
  }
#endif
  if (size >= least_compared_inline && size <= 16) {
    const auto difference = [a, b](std::size_t at) {
      return load<std::uint64_t>(a.data() + at) ^ load<std::uint64_t>(b.data() + at);
    };
    return (difference(0) | difference(size - 8)) == 0;
  }
#ifdef __AVX2__
  if (size > 16) {
    const auto difference = [a, b](std::size_t at) {
      return _mm_xor_si128(load<__m128i>(a.data() + at), load<__m128i>(b.data() + at));
    };
    const __m128i found = _mm_or_si128(difference(0), difference(size - 16));
    return _mm_testz_si128(found, found) != 0;
  }
#endif
  return std::memcmp(a.data(), b.data(), size) == 0;
}

}  // namespace chopin::text
