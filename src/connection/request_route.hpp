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

  /// Most bytes of the body. `usual`: without RouteOptions::max_body.
  [[nodiscard]] std::uint64_t most_body(std::uint64_t usual) const noexcept {
    return found.endpoint == nullptr ? usual : found.endpoint->options.max_body.value_or(usual);
  }
  /// Whether a handler reads the body in parts.
  [[nodiscard]] bool streams_body(Method method) const noexcept {
    return wants_body(method) && found.endpoint->is_exchange();
  }
  /// Whether a handler gets the body.
  [[nodiscard]] bool wants_body(Method method) const noexcept {
    return fast == nullptr && found.endpoint != nullptr && found.endpoint->wants_body(method);
  }
};

}  // namespace chopin::connection
