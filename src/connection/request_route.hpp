#pragma once

#include <string_view>

#include "http/rejection.hpp"
#include "routing/fast_route_index.hpp"
#include "routing/route_table.hpp"

namespace chopin::connection {

/// The route of a request: a fast route, or what the router has for the path.
struct RequestRoute {
  const routing::FastResponse* fast = nullptr;
  http::Rejection rejection = http::Rejection::none;  ///< if the path cannot be decoded
  routing::RouteTable::Found found;
  std::string_view path;  ///< decoded

  /// Whether a handler gets the body. If not, and never for GET and HEAD, it is read and discarded.
  [[nodiscard]] bool wants_body(Method method) const noexcept {
    return method != Method::get && method != Method::head && fast == nullptr && found.endpoint != nullptr &&
           !std::holds_alternative<const FastRoute*>(found.endpoint->handler);
  }
};

}  // namespace chopin::connection
