#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace chopin::fuzz {

/// '0' is 0, '1' is 1 and so on through all bytes.
constexpr std::uint8_t digit(char c) noexcept {
  return static_cast<std::uint8_t>(c - '0');
}

/// The sizes of the pieces in which a stream arrives, used cyclically: '1' is one byte, '0' three thousand.
/// A long stream has no very short pieces: parsing a head again at each would take quadratic time.
class PieceSizes {
 public:
  PieceSizes(std::string_view digits, std::size_t stream_size)
      : digits_(digits), added_(stream_size / most_pieces) {}

  /// One piece.
  static PieceSizes whole() noexcept { return {"1", SIZE_MAX}; }

  std::size_t next() noexcept {
    const std::size_t size = digit(digits_[at_++ % digits_.size()]);
    return size == 0 ? 3000 : size + added_;
  }

 private:
  static constexpr std::size_t most_pieces = 1024;

  std::string_view digits_;
  std::size_t added_;
  std::size_t at_ = 0;
};

}  // namespace chopin::fuzz
