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
#include "chopin/text_argument.hpp"

namespace chopin {

/// Fills the response before it returns. All workers may call it at once.
using Handler = std::function<void(const Request&, Response&)>;
/// Responds later, from any thread. All workers may call it at once.
using LaterHandler = std::function<void(Responder)>;

/// What a route takes beyond the usual.
struct RouteOptions {
  /// A parameter may hold slashes and backslashes, encoded in the request: with the pattern `/items/{id}` the
  /// path `/items/a%2Fb` has the id `a/b`. The path of the request has them too. Otherwise such a path gets
  /// 400: servers and proxies disagree on whether it is `/items/a/b`. An id may then be `../a`: take care
  /// with files.
  bool encoded_slashes = false;
  /// Request::json reads bodies of any media type, or of none. A web page of another origin may send such a
  /// request without a preflight.
  bool json_of_any_type = false;
};

class RouteGroup;

/// Short forms of `route`. Thread safety, lifetime and exceptions: see the deriving class.
template <class Routes>
class RouteVerbs {
 public:
  Routes& get(TextArgument pattern, Handler handler, RouteOptions options = {}) {
    return add(Method::get, pattern, std::move(handler), options);
  }
  Routes& post(TextArgument pattern, Handler handler, RouteOptions options = {}) {
    return add(Method::post, pattern, std::move(handler), options);
  }
  Routes& put(TextArgument pattern, Handler handler, RouteOptions options = {}) {
    return add(Method::put, pattern, std::move(handler), options);
  }
  Routes& patch(TextArgument pattern, Handler handler, RouteOptions options = {}) {
    return add(Method::patch, pattern, std::move(handler), options);
  }
  Routes& del(TextArgument pattern, Handler handler, RouteOptions options = {}) {
    return add(Method::delete_, pattern, std::move(handler), options);
  }

 private:
  friend Routes;
  RouteVerbs() = default;

  Routes& add(Method method, TextArgument pattern, Handler handler, RouteOptions options) {
    return static_cast<Routes&>(*this).route(method, pattern, std::move(handler), options);
  }
};

/// The routes of a server, filled before it starts.
///
/// A pattern is a path whose segments are text, `{name}` for one non-empty segment, or at the end `{name...}`
/// for the rest of the path; names consist of letters, digits, `_` and `-`. Patterns are written decoded:
/// `/a b`, not `/a%20b`. If several patterns match a path and have a route for the method, text wins over
/// `{name}`, which wins over `{name...}`, segment by segment from the left. A GET route also serves HEAD. The
/// router responds to OPTIONS with the methods that the path allows, and to other methods with 405.
///
/// Thread safety: one thread at a time, before the server starts; all workers call the handlers at once.
/// Lifetime: owns its routes and handlers. Its groups refer to it, so it must not move while they are used.
/// Throws: std::invalid_argument, naming route and fault, for a malformed pattern, a second route for the
/// same
///         paths and method, or a method that cannot be routed; std::bad_alloc.
class Router : public RouteVerbs<Router> {
 public:
  Router& route(Method method, TextArgument pattern, Handler handler, RouteOptions options = {});
  Router& later(Method method, TextArgument pattern, LaterHandler handler, RouteOptions options = {});
  Router& fast(FastRoute route);

  /// Routes with a common prefix, which may be empty, and additional middleware that runs after the router's.
  /// Responses without a route (404, 405, to OPTIONS) pass only the router's middleware.
  RouteGroup group(TextArgument prefix, std::vector<Middleware> middleware = {});
  /// Appends to the middleware that every response passes, except those of fast routes in performance mode.
  Router& use(Middleware middleware);

  // What has been filled in.

  struct Route {
    Method method;
    std::string pattern;  ///< with the prefixes of its groups
    std::variant<Handler, LaterHandler> handler;
    std::size_t group;  ///< index into `groups`
    RouteOptions options;
  };
  struct Group {
    std::string prefix;  ///< with those of the groups around it
    std::vector<Middleware> middleware;
    std::size_t parent;  ///< index into `groups`; 0 for the first, which is the router itself
  };

  [[nodiscard]] const std::vector<FastRoute>& fast_routes() const noexcept { return fast_routes_; }
  [[nodiscard]] const std::vector<Route>& routes() const noexcept { return routes_; }
  [[nodiscard]] const std::vector<Group>& groups() const noexcept { return groups_; }

 private:
  friend class RouteGroup;

  void add_route(std::size_t group, Method method, std::string_view pattern,
                 std::variant<Handler, LaterHandler> handler, RouteOptions options);
  void claim(MethodSet methods, const std::string& shape, std::string_view description);
  std::size_t add_group(std::size_t parent, std::string_view prefix, std::vector<Middleware> middleware);

  std::vector<FastRoute> fast_routes_;
  std::vector<Route> routes_;
  std::vector<Group> groups_{{"", {}, 0}};
  std::set<std::string> claims_;  // "GET /items/{}", "fast /json": what is routed already
};

/// Adds routes to a part of a router; see Router::group.
///
/// Thread safety: as its router's.
/// Lifetime: refers to its router, which must neither move nor end before it.
/// Throws: as Router.
class RouteGroup : public RouteVerbs<RouteGroup> {
 public:
  RouteGroup& route(Method method, TextArgument pattern, Handler handler, RouteOptions options = {});
  RouteGroup& later(Method method, TextArgument pattern, LaterHandler handler, RouteOptions options = {});
  RouteGroup group(TextArgument prefix, std::vector<Middleware> middleware = {});

 private:
  friend class Router;

  RouteGroup(Router& router, std::size_t index) noexcept : router_(&router), index_(index) {}

  Router* router_;
  std::size_t index_;
};

}  // namespace chopin
