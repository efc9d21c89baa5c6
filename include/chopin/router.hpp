#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <typeinfo>
#include <utility>
#include <vector>

#include "chopin/api_info.hpp"
#include "chopin/fast_route.hpp"
#include "chopin/handler.hpp"
#include "chopin/method.hpp"
#include "chopin/middleware.hpp"
#include "chopin/text_argument.hpp"
#include "chopin/worker_service.hpp"

namespace chopin {

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
  /// Most bytes of a request's body, up to 1 GiB; a larger one gets 413. Default: Limits::max_body.
  std::optional<std::uint64_t> max_body{};
};

class RouteGroup;

/// Short forms of `route`. Thread safety, lifetime and exceptions: see the deriving class.
template <class Routes>
class RouteVerbs {
 public:
  Routes& get(TextArgument pattern, RouteHandler handler, RouteOptions options = {}) {
    return add(Method::get, pattern, std::move(handler), options);
  }
  Routes& post(TextArgument pattern, RouteHandler handler, RouteOptions options = {}) {
    return add(Method::post, pattern, std::move(handler), options);
  }
  Routes& put(TextArgument pattern, RouteHandler handler, RouteOptions options = {}) {
    return add(Method::put, pattern, std::move(handler), options);
  }
  Routes& patch(TextArgument pattern, RouteHandler handler, RouteOptions options = {}) {
    return add(Method::patch, pattern, std::move(handler), options);
  }
  Routes& del(TextArgument pattern, RouteHandler handler, RouteOptions options = {}) {
    return add(Method::delete_, pattern, std::move(handler), options);
  }

 private:
  friend Routes;
  RouteVerbs() = default;

  Routes& add(Method method, TextArgument pattern, RouteHandler handler, RouteOptions options) {
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
///         same paths and method, or a method that cannot be routed; std::bad_alloc.
class Router : public RouteVerbs<Router> {
 public:
  Router& route(Method method, TextArgument pattern, RouteHandler handler, RouteOptions options = {});
  Router& fast(FastRoute route);

  /// Makes a service for each worker: on the worker's thread, before it accepts. `make` takes a WorkerScope
  /// and returns a Service, or a pointer that owns one. Handlers and middleware reach it as
  /// `request.worker<Service>()`. `Service::start()`, if there is one, is called when all services are made;
  /// `Service::drain()` when the worker begins to drain. The service ends after the worker's last connection,
  /// and not before `Service::may_end()`, if there is one, returns true: the worker then calls it in each
  /// round, at most until the drain timeout. An exception from `make` or `start` stops the start of the
  /// server. Throws std::invalid_argument if there is a service of this type already.
  template <class Service, class Make>
  Router& per_worker(Make make) {
    add_service(typeid(Service), [make = std::move(make)](const WorkerScope& scope) {
      return WorkerService::of<Service>(make(scope));
    });
    return *this;
  }

  /// Serves a document of all routes (OpenAPI 3.1) and a page that shows it: two fast routes, made when the
  /// server starts, so that what is added later is in them. See `operation`.
  Router& document(ApiInfo info);

  /// Routes with a common prefix, which may be empty, and additional middleware that runs after the router's.
  /// Responses without a route (404, 405, to OPTIONS) pass only the router's middleware.
  RouteGroup group(TextArgument prefix, std::vector<Middleware> middleware = {});
  /// Appends to the middleware that every response passes, except those of fast routes in performance mode.
  Router& use(Middleware middleware);

  // What has been filled in.

  struct Route {
    Method method;
    std::string pattern;  ///< with the prefixes of its groups
    RouteHandler handler;
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
  [[nodiscard]] const WorkerServiceMakers& services() const noexcept { return services_; }
  [[nodiscard]] const std::optional<ApiInfo>& api_info() const noexcept { return api_info_; }

 private:
  friend class RouteGroup;

  void add_route(std::size_t group, Method method, std::string_view pattern, RouteHandler handler,
                 RouteOptions options);
  void add_fast_route(std::size_t group, FastRoute route);
  void add_middleware(std::size_t group, Middleware middleware);
  void add_service(const std::type_info& type, WorkerServiceMaker make);
  void claim(MethodSet methods, const std::string& shape, std::string_view description);
  std::size_t add_group(std::size_t parent, std::string_view prefix, std::vector<Middleware> middleware);

  std::vector<FastRoute> fast_routes_;
  std::vector<Route> routes_;
  std::vector<Group> groups_{{"", {}, 0}};
  WorkerServiceMakers services_;
  std::optional<ApiInfo> api_info_;
  std::set<std::string> claims_;  // "GET /items/{}", "fast /json": what is routed already
};

/// Adds routes to a part of a router; see Router::group.
///
/// Thread safety: as its router's.
/// Lifetime: refers to its router, which must neither move nor end before it.
/// Throws: as Router.
class RouteGroup : public RouteVerbs<RouteGroup> {
 public:
  RouteGroup& route(Method method, TextArgument pattern, RouteHandler handler, RouteOptions options = {});
  /// The path of the route follows the group's prefix. If the group or one around it has middleware, the
  /// route passes it in performance mode too, and is then no faster than others.
  RouteGroup& fast(FastRoute route);
  /// Appends to the middleware of this group, and of the groups in it.
  RouteGroup& use(Middleware middleware);
  RouteGroup group(TextArgument prefix, std::vector<Middleware> middleware = {});

 private:
  friend class Router;

  RouteGroup(Router& router, std::size_t index) noexcept : router_(&router), index_(index) {}

  Router* router_;
  std::size_t index_;
};

}  // namespace chopin
