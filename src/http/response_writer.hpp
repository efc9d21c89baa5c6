#pragma once

#include <cstddef>
#include <string_view>

#include "chopin/response.hpp"
#include "http/http_date.hpp"
#include "http/persistence.hpp"

namespace chopin::http {

/// The body that is sent: none with status 204 and 304, and an empty one with 205 (RFC 9110 sections 15.3.5,
/// 15.3.6 and 15.4.5).
std::string_view content_of(const Response& response) noexcept;

/// Serialises a response straight into the caller's memory, without allocating.
struct ResponseWriter {
  const Response& response;
  const HttpDate& date;
  Persistence persistence = Persistence::keep_alive;
  bool head_only = false;  ///< for HEAD: everything but the body (RFC 9110 section 9.3.2)

  std::string_view content = content_of(response);

  /// More than `write` needs.
  [[nodiscard]] std::size_t most_bytes() const noexcept { return most_head_bytes() + content.size(); }
  /// More than `write_head` needs.
  [[nodiscard]] std::size_t most_head_bytes() const noexcept;
  /// Writes status line, fields and body to `out` and returns the end. Responses that never have a body (204,
  /// 304) have neither Content-Length nor Content-Type.
  [[nodiscard]] char* write(char* out) const noexcept;
  /// The same without the body, whose size it names.
  [[nodiscard]] char* write_head(char* out) const noexcept;
  /// For a body whose size is not known: in chunks, or until the connection ends (RFC 9112 section 6.3).
  [[nodiscard]] char* write_stream_head(char* out, bool chunked) const noexcept;
  /// From the start of the date to the end of the head.
  [[nodiscard]] static constexpr std::size_t date_to_end(Persistence persistence) noexcept {
    constexpr std::size_t line_ends = 4;
    return date_size + connection_field(persistence).size() + line_ends;
  }
};

}  // namespace chopin::http
