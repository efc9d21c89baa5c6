#include "http/chunk_framing.hpp"

#include "text/characters.hpp"

namespace chopin::http {
namespace {

constexpr std::size_t longest_size = 16;  // hex digits of a 64-bit number

bool is_line_control(char c) noexcept {
  return !text::is_in(c, text::character_class::field_text);
}

}  // namespace

std::size_t ChunkFraming::complete(std::string_view bytes, const Limits& limits) noexcept {
  const Line line = complete_line(bytes);
  if (line.end == 0) return 0;
  const std::size_t end = line.is_last ? complete_trailers(bytes, line.end, limits) : line.end;
  if (end > 0) {
    after_chunk_ = true;
    extensions_size_ += line.extensions_size;
  }
  return end;
}

/// The end of the previous chunk's data and the chunk-size line.
ChunkFraming::Line ChunkFraming::complete_line(std::string_view bytes) noexcept {
  std::size_t at = 0;
  if (after_chunk_) {
    if (!text::crlf.starts_with(bytes.substr(0, text::crlf.size()))) return refuse(Rejection::chunk_end);
    if (bytes.size() < text::crlf.size()) return {};
    at = text::crlf.size();
  }
  const std::string_view size =
      bytes.substr(at, text::span_of(bytes.substr(at), text::character_class::hex_digit));
  if (size.size() > longest_size) return refuse(Rejection::chunk_size);
  at += size.size();
  if (at == bytes.size()) return {};
  if (size.empty() || std::string_view{" \t;\r"}.find(bytes[at]) == std::string_view::npos) {
    return refuse(Rejection::chunk_size);
  }
  const std::size_t extensions_begin = at;
  const std::size_t extensions_limit = at + (Limits::max_chunk_extensions - extensions_size_);
  while (at < bytes.size() && bytes[at] != '\r') {
    // The limit wins over a fault after it, or the result would depend on how the reads split the line.
    if (at == extensions_limit) return refuse(Rejection::chunk_extensions_too_long);
    if (is_line_control(bytes[at])) return refuse(Rejection::chunk_extension);
    ++at;
  }
  const auto extensions_size = static_cast<std::uint32_t>(at - extensions_begin);
  const std::string_view line_end = bytes.substr(at, text::crlf.size());
  if (!text::crlf.starts_with(line_end)) return refuse(Rejection::chunk_extension);
  if (line_end.size() < text::crlf.size()) return {};
  return {.end = at + text::crlf.size(),
          .extensions_size = extensions_size,
          .is_last = size.find_first_not_of('0') == std::string_view::npos};
}

/// The end of the trailer section that starts at `start`, with its empty line. 0 if more bytes are needed;
/// the next call continues where this one stopped.
std::size_t ChunkFraming::complete_trailers(std::string_view bytes, std::size_t start,
                                            const Limits& limits) noexcept {
  if (trailer_at_ == 0) trailer_at_ = trailer_line_ = static_cast<std::uint32_t>(start);
  const std::size_t limit = start + limits.max_head;
  std::size_t at = trailer_at_;
  for (; at < bytes.size(); ++at) {
    const bool after_cr = at > trailer_line_ && bytes[at - 1] == '\r';
    if (!after_cr) {
      at += text::span_of(bytes.substr(at, limit - at), text::character_class::field_text);
      if (at == bytes.size()) break;
    }
    if (at >= limit) return refuse(Rejection::trailers_too_large).end;
    if (bytes[at] != (after_cr ? '\n' : '\r')) return refuse(Rejection::trailer_malformed).end;
    if (!after_cr) continue;
    const std::string_view line = bytes.substr(trailer_line_, at - 1 - trailer_line_);
    if (line.empty()) return at + 1;
    const Rejection rejection = judge_trailer(line, limits);
    if (rejection != Rejection::none) return refuse(rejection).end;
    trailer_line_ = static_cast<std::uint32_t>(at + 1);
  }
  trailer_at_ = static_cast<std::uint32_t>(at);
  return 0;
}

/// Beast would judge the lines only when it has the whole section. A folded line begins with white space, and
/// so has no name. A trailer cannot change the framing (RFC 9110 section 6.5.1).
Rejection ChunkFraming::judge_trailer(std::string_view line, const Limits& limits) noexcept {
  const std::string_view name = line.substr(0, text::span_of(line, text::character_class::token));
  const bool has_name = !name.empty() && name.size() < line.size() && line[name.size()] == ':';
  if (!has_name || text::equals_ignoring_case(name, "Content-Length") ||
      text::equals_ignoring_case(name, "Transfer-Encoding")) {
    return Rejection::trailer_malformed;
  }
  if (trailer_count_ == limits.max_fields) return Rejection::fields_too_many;
  ++trailer_count_;
  return Rejection::none;
}

}  // namespace chopin::http
