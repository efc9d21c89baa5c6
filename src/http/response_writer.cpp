#include "http/response_writer.hpp"

#include <charconv>
#include <cstring>
#include <limits>

#include "http/status.hpp"

namespace chopin::http {
namespace {

constexpr std::size_t most_digits = std::numeric_limits<std::size_t>::digits10 + 1;

/// Room for everything but content type, field lines, date and body.
constexpr std::size_t most_framing_bytes = 256;

char* put(char* out, std::string_view text) noexcept {
  std::memcpy(out, text.data(), text.size());
  return out + text.size();
}

char* put_status_line(char* out, std::uint16_t status) noexcept {
  if (status == 200) [[likely]]
    return put(out, "HTTP/1.1 200 OK\r\n");
  out = put(out, "HTTP/1.1 ");
  out = std::to_chars(out, out + 3, status).ptr;
  out = put(out, " ");
  out = put(out, reason_phrase(status));
  return put(out, "\r\n");
}

}  // namespace

std::string_view content_of(const Response& response) noexcept {
  const bool is_empty = has_no_body(response.status()) || response.status() == 205;
  return is_empty ? response.body().substr(0, 0) : response.body();  // never null: it is copied
}

std::size_t ResponseWriter::most_bytes() const noexcept {
  return most_framing_bytes + response.content_type().size() + response.field_lines().size() + date.size() +
         response.body().size();
}

char* ResponseWriter::write(char* out) const noexcept {
  const std::string_view body = content_of(response);
  out = put_status_line(out, response.status());
  if (!has_no_body(response.status())) {
    if (!response.content_type().empty() && response.status() != 205) {
      out = put(out, "Content-Type: ");
      out = put(out, response.content_type());
      out = put(out, "\r\n");
    }
    out = put(out, "Content-Length: ");
    out = std::to_chars(out, out + most_digits, body.size()).ptr;
    out = put(out, "\r\n");
  }
  out = put(out, "Server: chopin\r\n");
  out = put(out, response.field_lines());
  out = put(out, "Date: ");
  out = put(out, date);
  out = put(out, "\r\n");
  out = put(out, connection_field(persistence));
  out = put(out, "\r\n");
  return head_only ? out : put(out, body);
}

}  // namespace chopin::http
