#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "chopin/method.hpp"
#include "chopin/request.hpp"

namespace chopin::http {

/// The head of a valid request (RFC 9112 section 3). The texts are views of its bytes.
struct RequestHead {
  std::string_view target;  ///< as sent
  std::string_view path;    ///< of the target, without the query
  std::span<const Field> fields;
  /// Stands for the size of a chunked body, which the head does not say.
  static constexpr std::uint64_t chunked = UINT64_MAX;
  std::uint64_t body_size = 0;  ///< what Content-Length says, or `chunked`
  std::uint32_t size = 0;       ///< with the empty line
  Method method = Method::unknown;
  bool is_http_1_1 = false;  ///< or 1.0
  bool keep_alive = false;   ///< whether the client keeps the connection (RFC 9112 section 9.3)

  [[nodiscard]] bool has_body() const noexcept { return body_size != 0; }
};

}  // namespace chopin::http
