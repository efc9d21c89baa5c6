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

/// Compares two texts of the same size. The common sizes, 8 to 16 and with AVX2 32 or more, cost no call.
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
  if (size >= 8 && size <= 16) {
    const auto difference = [a, b](std::size_t at) {
      return load<std::uint64_t>(a.data() + at) ^ load<std::uint64_t>(b.data() + at);
    };
    return (difference(0) | difference(size - 8)) == 0;
  }
  return std::memcmp(a.data(), b.data(), size) == 0;
}

}  // namespace chopin::text
