#pragma once

#include <cstddef>
#include <string_view>

#include "chopin/response.hpp"
#include "http/canned_response.hpp"

namespace chopin::http {

/// A response that is written out once, into memory of the caller's: no message in between, no allocation.
struct ResponseWriter {
  const Response& response;
  std::string_view date;  ///< IMF-fixdate
  Persistence persistence = Persistence::keep_alive;
  bool head_only = false;  ///< the answer to HEAD: all but the body (RFC 9110 section 9.3.2)

  /// More than `write` needs.
  [[nodiscard]] std::size_t most_bytes() const noexcept;
  /// Writes status line, fields and body to `out` and returns their end. Answers that never have a body (204,
  /// 304) have no Content-Length either, and no Content-Type.
  [[nodiscard]] char* write(char* out) const noexcept;
};

}  // namespace chopin::http
