#pragma once

#include <string_view>

#include "http/rejection.hpp"
#include "routing/fast_route_index.hpp"
#include "routing/route_table.hpp"

namespace chopin::connection {

/// What a request is for: a fast route, or what the router has for its path.
struct RequestRoute {
  const routing::FastResponse* fast = nullptr;
  http::Rejection rejection = http::Rejection::none;  ///< of a path that cannot be decoded
  routing::RouteTable::Found found;
  std::string_view path;  ///< decoded

  /// Whether a handler will see the body. Of other requests, GET and HEAD among them, it is read and dropped.
  [[nodiscard]] bool wants_body(Method method) const noexcept {
    return method != Method::get && method != Method::head && fast == nullptr && found.endpoint != nullptr &&
           !std::holds_alternative<const FastRoute*>(found.endpoint->handler);
  }
};

}  // namespace chopin::connection
