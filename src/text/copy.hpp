#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

/// Copies for texts so short that a call would cost as much as the bytes. Everything else is std::memcpy's.
namespace chopin::text {

/// Two words that may overlap: all of a text that has one to two of them.
template <class Word>
[[gnu::always_inline]] inline void copy_ends(std::string_view text, char* out) noexcept {
  const char* const in = text.data();
  const std::size_t last = text.size() - sizeof(Word);
  Word first_word{};
  Word last_word{};
  std::memcpy(&first_word, in, sizeof(Word));
  std::memcpy(&last_word, in + last, sizeof(Word));
  std::memcpy(out, &first_word, sizeof(Word));
  std::memcpy(out + last, &last_word, sizeof(Word));
}

/// Returns the end of what it has written. Costs no call for constants and for 8 to 32 bytes.
[[gnu::always_inline]] inline char* put(char* out, std::string_view text) noexcept {
  using Word = std::uint64_t;
  using Words = std::array<Word, 2>;
  const std::size_t size = text.size();
  const bool is_constant = __builtin_constant_p(size) != 0;
  if (!is_constant && size >= sizeof(Words) && size <= 2 * sizeof(Words)) {
    copy_ends<Words>(text, out);
  } else if (!is_constant && size >= sizeof(Word) && size <= 2 * sizeof(Word)) {
    copy_ends<Word>(text, out);
  } else if (size > 0) {
    std::memcpy(out, text.data(), size);
  }
  return out + size;
}

/// Copies a few hundred bytes in steps of so many: up to that many bytes after the end are read and written
/// too.
inline constexpr std::size_t copy_step = 160;

[[gnu::always_inline]] inline void copy_in_steps(std::string_view text, char* out) noexcept {
  using Vector [[gnu::vector_size(32)]] = char;
  const char* const end = out + text.size();
  for (const char* in = text.data(); out < end; in += copy_step, out += copy_step) {
    for (std::size_t at = 0; at < copy_step; at += sizeof(Vector)) {
      Vector bytes;
      std::memcpy(&bytes, in + at, sizeof bytes);
      std::memcpy(out + at, &bytes, sizeof bytes);
    }
  }
}

}  // namespace chopin::text
