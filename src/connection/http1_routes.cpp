// The part of Http1 that finds the route of a request.
#include "connection/http1.hpp"
#include "http/normal_path.hpp"

namespace chopin::connection {

using http::Rejection;

RequestRoute Http1::find_route(const http::RequestHead& head) {
  RequestRoute route;
  context_.burst.params.clear();  // only the router fills them in
  route.fast = find_fast(head);
  if (route.fast != nullptr) return route;
  const http::NormalPath normal = http::normalise_path(head.path, context_.burst.normal_path);
  route.path = normal.path;
  route.rejection = normal.rejection;
  if (normal.rejection == Rejection::none) {
    route.found = context_.shared.routes.find(head.method, normal.path, context_.burst.params);
  } else if (normal.has_only_slashes_refused) {
    find_route_with_slashes(head.method, route);
  }
  return route;
}

/// Of a path with encoded slashes, which is refused unless a route takes them.
void Http1::find_route_with_slashes(Method method, RequestRoute& route) {
  const auto found =
      context_.shared.routes.find_with_slashes(method, context_.burst.normal_path, context_.burst.params);
  if (!found) return;
  route.found = *found;
  route.rejection = Rejection::none;
}

}  // namespace chopin::connection
