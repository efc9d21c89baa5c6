#include "http/response_writer.hpp"

#include <charconv>
#include <cstdint>
#include <limits>

#include "http/status.hpp"
#include "text/copy.hpp"

namespace chopin::http {
namespace {

using text::put;

constexpr std::size_t most_digits = std::numeric_limits<std::size_t>::digits10 + 1;

/// Room for everything but content type, field lines and body.
constexpr std::size_t most_framing_bytes = 256;

/// Out of line, because most bodies that are written here have 10 to 99 bytes.
[[gnu::noinline]] char* put_rare_number(char* out, std::size_t number) noexcept {
  if (number > 9) return std::to_chars(out, out + most_digits, number).ptr;
  *out = static_cast<char>('0' + number);
  return out + 1;
}

[[gnu::always_inline]] inline char* put_number(char* out, std::size_t number) noexcept {
  if (number < 10 || number > 99) [[unlikely]]
    return put_rare_number(out, number);
  const auto both = static_cast<std::uint8_t>(number);
  out[0] = static_cast<char>('0' + both / 10);
  out[1] = static_cast<char>('0' + both % 10);
  return out + 2;
}

[[gnu::noinline]] char* put_rare_status(char* out, std::uint16_t status) noexcept {
  out = put_number(put(out, "HTTP/1.1 "), status);
  out = put(out, " ");
  return put(out, reason_phrase(status));
}

/// Everything before `Server`; the last line is still without its CR LF.
[[gnu::always_inline]] inline char* put_start(char* out, const Response& response,
                                              std::size_t content_size) noexcept {
  const std::uint16_t status = response.status();
  if (status == 200 && response.is_json()) [[likely]] {
    out = put(out, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ");
    return put_number(out, content_size);
  }
  out = status == 200 ? put(out, "HTTP/1.1 200 OK") : put_rare_status(out, status);
  if (has_no_body(status)) return out;
  if (!response.content_type().empty() && status != 205) {
    out = put(out, "\r\nContent-Type: ");
    out = put(out, response.content_type());
  }
  return put_number(put(out, "\r\nContent-Length: "), content_size);
}

/// Everything from `Server` on.
[[gnu::always_inline]] inline char* put_end(char* out, const ResponseWriter& writer) noexcept {
  const std::string_view field_lines = writer.response.field_lines();
  if (field_lines.empty()) {
    out = put(out, "\r\nServer: chopin\r\nDate: ");
  } else {
    out = put(out, "\r\nServer: chopin\r\n");
    out = put(out, field_lines);
    out = put(out, "Date: ");
  }
  out = put(out, writer.date.text());
  out = put(out, "\r\n");
  if (writer.persistence != Persistence::keep_alive) [[unlikely]]
    out = put(out, connection_field(writer.persistence));
  return put(out, "\r\n");
}

[[gnu::always_inline]] inline char* put_head(char* out, const ResponseWriter& writer) noexcept {
  return put_end(put_start(out, writer.response, writer.content.size()), writer);
}

}  // namespace

std::string_view content_of(const Response& response) noexcept {
  const std::uint16_t status = response.status();
  if (status == 200) [[likely]]
    return response.body();
  return has_no_body(status) || status == 205 ? std::string_view() : response.body();
}

std::size_t ResponseWriter::most_head_bytes() const noexcept {
  return most_framing_bytes + response.content_type().size() + response.field_lines().size();
}

char* ResponseWriter::write(char* out) const noexcept {
  out = put_head(out, *this);
  return head_only ? out : put(out, content);
}

char* ResponseWriter::write_stream_head(char* out, bool chunked) const noexcept {
  out = put_rare_status(out, response.status());
  if (!response.content_type().empty()) out = put(put(out, "\r\nContent-Type: "), response.content_type());
  if (chunked) out = put(out, "\r\nTransfer-Encoding: chunked");
  return put_end(out, *this);
}

char* ResponseWriter::write_head(char* out) const noexcept {
  return put_head(out, *this);
}

}  // namespace chopin::http
