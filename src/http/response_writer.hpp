#pragma once

#include <cstddef>
#include <string_view>

#include "chopin/response.hpp"
#include "http/http_date.hpp"
#include "http/prebuilt_response.hpp"

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

  /// More than `write` needs.
  [[nodiscard]] std::size_t most_bytes() const noexcept;
  /// Writes status line, fields and body to `out` and returns their end. Answers that never have a body (204,
  /// 304) have no Content-Length either, and no Content-Type.
  [[nodiscard]] char* write(char* out) const noexcept;
};

}  // namespace chopin::http
