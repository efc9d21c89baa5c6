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
  std::uint32_t size = 0;  ///< with the empty line
  Method method = Method::unknown;
  bool is_http_1_1 = false;  ///< or 1.0
  bool keep_alive = false;   ///< whether the client keeps the connection (RFC 9112 section 9.3)
};

}  // namespace chopin::http
