#pragma once

#include <cstddef>
#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "chopin/fast_route.hpp"
#include "chopin/method.hpp"
#include "chopin/middleware.hpp"
#include "chopin/request.hpp"
#include "chopin/responder.hpp"
#include "chopin/response.hpp"

namespace chopin {

/// Fills the response before it returns. Called by all workers at once.
using Handler = std::function<void(const Request&, Response&)>;
/// Answers later, on its worker's thread or any other.
using LaterHandler = std::function<void(Responder)>;

class RouteGroup;

/// Shorter words for `route`.
template <class Routes>
class RouteVerbs {
 public:
  Routes& get(std::string_view pattern, Handler handler) {
    return add(Method::get, pattern, std::move(handler));
  }
  Routes& post(std::string_view pattern, Handler handler) {
    return add(Method::post, pattern, std::move(handler));
  }
  Routes& put(std::string_view pattern, Handler handler) {
    return add(Method::put, pattern, std::move(handler));
  }
  Routes& patch(std::string_view pattern, Handler handler) {
    return add(Method::patch, pattern, std::move(handler));
  }
  Routes& del(std::string_view pattern, Handler handler) {
    return add(Method::delete_, pattern, std::move(handler));
  }

 private:
  friend Routes;
  RouteVerbs() = default;

  Routes& add(Method method, std::string_view pattern, Handler handler) {
    return static_cast<Routes&>(*this).route(method, pattern, std::move(handler));
  }
};

/// The routes of a server, filled before it starts.
///
/// A pattern is a path whose segments are text, `{name}` for one segment that is not empty, or at the end
/// `{name...}` for all that is left; names are letters, digits, `_` and `-`. Patterns are written decoded:
/// `/a b`, not `/a%20b`. Of those that match a path and have a route for the method, text beats `{name}`,
/// which beats `{name...}`, segment by segment from the left. A GET route answers HEAD too, OPTIONS is
/// answered with what a path allows, another method with 405.
///
/// Everything that adds a route throws std::invalid_argument, naming the route and what is wrong: a malformed
/// pattern, one that is there already for the method, a method that cannot be routed.
class Router : public RouteVerbs<Router> {
 public:
  Router& route(Method method, std::string_view pattern, Handler handler);
  Router& later(Method method, std::string_view pattern, LaterHandler handler);
  Router& fast(FastRoute route);

  /// Routes with a common start of their paths, which may be empty, and middleware of their own, behind that
  /// of the router. Answers that no route gives (404, 405, to OPTIONS) pass the router's middleware alone.
  /// The group belongs to this router, which must stay where it is meanwhile.
  RouteGroup group(std::string_view prefix, std::vector<Middleware> middleware = {});
  /// Appends to the list that every answer passes but those of fast routes in performance mode.
  Router& use(Middleware middleware);

  // What has been filled in.

  struct Route {
    Method method;
    std::string pattern;  ///< whole, with the prefixes of its groups
    std::variant<Handler, LaterHandler> handler;
    std::size_t group;  ///< index into `groups`
  };
  struct Group {
    std::string prefix;  ///< whole
    std::vector<Middleware> middleware;
    std::size_t parent;  ///< index into `groups`; its own for the first, which is the router itself
  };

  [[nodiscard]] const std::vector<FastRoute>& fast_routes() const noexcept { return fast_routes_; }
  [[nodiscard]] const std::vector<Route>& routes() const noexcept { return routes_; }
  [[nodiscard]] const std::vector<Group>& groups() const noexcept { return groups_; }

 private:
  friend class RouteGroup;

  void add_route(std::size_t group, Method method, std::string_view pattern,
                 std::variant<Handler, LaterHandler> handler);
  void claim(MethodSet methods, const std::string& shape, std::string_view description);
  std::size_t add_group(std::size_t parent, std::string_view prefix, std::vector<Middleware> middleware);

  std::vector<FastRoute> fast_routes_;
  std::vector<Route> routes_;
  std::vector<Group> groups_{{"", {}, 0}};
  std::set<std::string> claims_;  // "GET /items/{}", "fast /json": what has a route
};

/// See Router::group.
class RouteGroup : public RouteVerbs<RouteGroup> {
 public:
  RouteGroup& route(Method method, std::string_view pattern, Handler handler);
  RouteGroup& later(Method method, std::string_view pattern, LaterHandler handler);
  RouteGroup group(std::string_view prefix, std::vector<Middleware> middleware = {});

 private:
  friend class Router;

  RouteGroup(Router& router, std::size_t index) noexcept : router_(&router), index_(index) {}

  Router* router_;
  std::size_t index_;
};

}  // namespace chopin
