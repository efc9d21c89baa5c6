#pragma once

#include <cstddef>
#include <string_view>

#include "chopin/response.hpp"
#include "http/http_date.hpp"
#include "http/persistence.hpp"

namespace chopin::http {

/// The body that is sent with a status: none with 204 and 304, and with 205 an empty one (RFC 9110 sections
/// 15.3.5, 15.3.6 and 15.4.5).
std::string_view content_of(const Response& response) noexcept;

/// A response that is written out once, into memory of the caller's: no message in between, no allocation.
struct ResponseWriter {
  const Response& response;
  const HttpDate& date;
  Persistence persistence = Persistence::keep_alive;
  bool head_only = false;  ///< the answer to HEAD: all but the body (RFC 9110 section 9.3.2)

  std::string_view content = content_of(response);

  /// More than `write` needs.
  [[nodiscard]] std::size_t most_bytes() const noexcept { return most_head_bytes() + content.size(); }
  /// More than `write_head` needs.
  [[nodiscard]] std::size_t most_head_bytes() const noexcept;
  /// Writes status line, fields and body to `out` and returns their end. Answers that never have a body (204,
  /// 304) have no Content-Length either, and no Content-Type.
  [[nodiscard]] char* write(char* out) const noexcept;
  /// The same without the body, whose size it names.
  [[nodiscard]] char* write_head(char* out) const noexcept;
  /// From the start of the date to the end of the head.
  [[nodiscard]] static constexpr std::size_t date_to_end(Persistence persistence) noexcept {
    constexpr std::size_t line_ends = 4;
    return date_size + connection_field(persistence).size() + line_ends;
  }
};

}  // namespace chopin::http
