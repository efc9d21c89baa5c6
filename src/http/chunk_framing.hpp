#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "chopin/config.hpp"
#include "http/rejection.hpp"

namespace chopin::http {

/// Finds where the framing of a chunked body ends (RFC 9112 section 7.1), and judges it on the way. Beast is
/// handed framing only when it is complete: it would wait for the end of a line that has already gone wrong,
/// without a limit, and it fails an assertion of its own when the last chunk comes in small pieces.
class ChunkFraming {
 public:
  /// The size of the framing at the start of `bytes`: the CR LF behind a chunk's data, a chunk-size line and,
  /// behind the last chunk, the trailer section. 0 where more bytes are needed, or where `rejection` says why
  /// not.
  [[nodiscard]] std::size_t complete(std::string_view bytes, const Limits& limits) noexcept;
  [[nodiscard]] Rejection rejection() const noexcept { return rejection_; }

 private:
  struct Line {
    std::size_t end = 0;  // 0: not complete, or refused
    std::uint32_t extensions_size = 0;
    bool is_last = false;
  };

  Line refuse(Rejection rejection) noexcept {
    rejection_ = rejection;
    return {};
  }
  [[nodiscard]] Line complete_line(std::string_view bytes) noexcept;
  [[nodiscard]] std::size_t complete_trailers(std::string_view bytes, std::size_t start,
                                              std::size_t limit) noexcept;

  Rejection rejection_ = Rejection::none;
  bool after_chunk_ = false;
  std::uint32_t extensions_size_ = 0;  // of all chunks so far
  std::uint32_t trailer_at_ = 0;       // how far the trailer section has been looked at
  std::uint32_t trailer_line_ = 0;     // where its current line begins
};

}  // namespace chopin::http
