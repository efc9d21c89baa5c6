#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

/// Plain text needs no escape in a JSON string: ASCII without control characters, quotation mark and
/// backslash (RFC 8259 section 7). Everything here is inline, so that the compiler can check a literal when
/// it compiles.
namespace chopin::json {

using Block [[gnu::vector_size(16)]] = signed char;
using Words [[gnu::vector_size(16)]] = std::uint64_t;

[[gnu::always_inline]] inline bool are_plain(Block bytes) noexcept {
  const auto others = reinterpret_cast<Words>((bytes < 0x20) | (bytes == '"') | (bytes == '\\'));
  return (others[0] | others[1]) == 0;
}

[[gnu::always_inline]] inline bool are_plain(std::uint64_t first, std::uint64_t second) noexcept {
  return are_plain(reinterpret_cast<Block>(Words{first, second}));
}

template <class Word>
[[gnu::always_inline]] inline Word copy(const char* from, char* to) noexcept {
  Word word;
  std::memcpy(&word, from, sizeof word);
  std::memcpy(to, &word, sizeof word);
  return word;
}

/// Copies `text` and returns whether all of it is plain; if not, what was copied is useless. Most texts need
/// two words, which may overlap.
[[gnu::always_inline]] inline bool copy_plain(std::string_view text, char* out) noexcept {
  const char* const in = text.data();
  const std::size_t size = text.size();
  if (size >= sizeof(Block)) {
    const std::size_t last = size - sizeof(Block);
    for (std::size_t at = 0; at < last; at += sizeof(Block)) {
      if (!are_plain(copy<Block>(in + at, out + at))) [[unlikely]]
        return false;
    }
    return are_plain(copy<Block>(in + last, out + last));
  }
  if (size >= sizeof(std::uint64_t)) {
    const std::size_t last = size - sizeof(std::uint64_t);
    return are_plain(copy<std::uint64_t>(in, out), copy<std::uint64_t>(in + last, out + last));
  }
  if (size >= sizeof(std::uint32_t)) {
    const std::size_t last = size - sizeof(std::uint32_t);
    const std::uint64_t first = copy<std::uint32_t>(in, out);
    const std::uint64_t both = first << 32 | copy<std::uint32_t>(in + last, out + last);
    return are_plain(both, both);
  }
  if (size == 0) return true;
  constexpr std::uint64_t in_each_byte = 0x0101010101010101;
  constexpr std::uint64_t in_each_second = 0x0001000100010001;
  const std::uint64_t first = copy<unsigned char>(in, out);
  const std::uint64_t middle = copy<unsigned char>(in + size / 2, out + size / 2);
  const std::uint64_t last = copy<unsigned char>(in + size - 1, out + size - 1);
  return are_plain(first * in_each_byte, (middle << 8 | last) * in_each_second);
}

}  // namespace chopin::json
