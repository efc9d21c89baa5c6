#include "http/chunked_body.hpp"

#include <cstring>

#include "text/characters.hpp"
#include "text/percent.hpp"

namespace chopin::http {
namespace {

constexpr std::string_view last_chunk = "0\r\n\r\n";

/// With a constant, so that nothing is called.
[[gnu::always_inline]] inline bool begins(std::string_view bytes, std::string_view constant) noexcept {
  return bytes.size() >= constant.size() && std::memcmp(bytes.data(), constant.data(), constant.size()) == 0;
}

[[gnu::always_inline]] inline FramedBody plain_chunk(std::string_view bytes) noexcept {
  constexpr std::size_t most_digits = 8;
  std::uint64_t size = 0;
  std::size_t at = 0;
  for (; at < bytes.size() && at < most_digits; ++at) {
    if (!text::is_in(bytes[at], text::character_class::hex_digit)) break;
    size = size * 16 + text::hex_value(bytes[at]);
  }
  if (size == 0 || !begins(bytes.substr(at), text::crlf)) return {};
  at += text::crlf.size();
  const std::size_t end = at + size;
  if (end > bytes.size() || !begins(bytes.substr(end), text::crlf)) return {};
  return {.content = bytes.substr(at, size), .size = end + text::crlf.size()};
}

}  // namespace

FramedBody read_chunk(std::string_view bytes) noexcept {
  return plain_chunk(bytes);
}

FramedBody read_chunked_body(std::string_view bytes, std::uint64_t most_content, std::string& joined) {
  FramedBody body;
  bool is_joined = false;
  while (!begins(bytes.substr(body.size), last_chunk)) {
    const FramedBody chunk = plain_chunk(bytes.substr(body.size));
    if (chunk.size == 0 || chunk.content.size() > most_content - body.content.size()) return {};
    if (body.size == 0) {
      body.content = chunk.content;
    } else {
      if (!is_joined) joined = body.content;
      is_joined = true;
      joined += chunk.content;
      body.content = joined;
    }
    body.size += chunk.size;
  }
  body.size += last_chunk.size();
  return body;
}

}  // namespace chopin::http
