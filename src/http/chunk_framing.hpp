#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "chopin/config.hpp"
#include "http/rejection.hpp"

namespace chopin::http {

/// Finds the end of a chunked body's framing (RFC 9112 section 7.1) and checks it. Beast gets framing only
/// when it is complete: alone it would wait, without a limit, for the end of a line that is already
/// malformed, and one of its assertions fails if the last chunk arrives in small pieces.
class ChunkFraming {
 public:
  /// The size of the framing at the start of `bytes`: the CR LF after a chunk's data, a chunk-size line and,
  /// after the last chunk, the trailer section. 0 if more bytes are needed or the framing is rejected.
  [[nodiscard]] std::size_t complete(std::string_view bytes, const Limits& limits) noexcept;
  [[nodiscard]] Rejection rejection() const noexcept { return rejection_; }
  /// Whether the next framing begins with the end of a chunk's data.
  [[nodiscard]] bool is_after_chunk() const noexcept { return after_chunk_; }

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
                                              const Limits& limits) noexcept;
  [[nodiscard]] Rejection judge_trailer(std::string_view line, const Limits& limits) noexcept;

  Rejection rejection_ = Rejection::none;
  bool after_chunk_ = false;
  std::uint32_t extensions_size_ = 0;  // of all chunks so far
  std::uint32_t trailer_at_ = 0;       // how far the trailer section has been read
  std::uint32_t trailer_line_ = 0;     // the start of its current line
  std::uint32_t trailer_count_ = 0;
};

}  // namespace chopin::http
