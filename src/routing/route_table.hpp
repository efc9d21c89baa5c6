#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "chopin/config.hpp"
#include "chopin/json_later.hpp"
#include "chopin/router.hpp"
#include "routing/path_table.hpp"

namespace chopin::routing {

/// What serves one method of one pattern.
struct Endpoint {
  std::variant<const Handler*, const LaterHandler*, const CoroutineHandler*, const ExchangeHandler*,
               const FastRoute*>
      handler;
  std::vector<std::string> params;        ///< names, in the order of the pattern
  std::vector<const Middleware*> layers;  ///< outermost first
  RouteOptions options{};
  const CoroutineHandler* for_large_bodies = nullptr;  ///< null: `handler`

  /// What serves this request in the place of `handler`; null: that does.
  [[nodiscard]] const CoroutineHandler* for_large(const Request& request) const noexcept {
    return request.body().size() < large_json ? nullptr : for_large_bodies;
  }
  [[nodiscard]] bool is_exchange() const noexcept {
    return std::holds_alternative<const ExchangeHandler*>(handler);
  }
  /// Whether it gets the body of a request. If not, and never for GET and HEAD, that is read and discarded.
  [[nodiscard]] bool wants_body(Method method) const noexcept {
    return method != Method::get && method != Method::head &&
           !std::holds_alternative<const FastRoute*>(handler);
  }
};

/// The endpoints of the paths that match one pattern.
struct Resource {
  std::array<const Endpoint*, std::size(implementable_methods)> endpoints{};  ///< by Method
  MethodSet allowed;                                                          ///< those with an endpoint
  bool is_found_as_sent = false;  ///< an exact path that is the same before and after it is decoded

  [[nodiscard]] const Endpoint* endpoint(Method method) const noexcept {
    const auto index = static_cast<std::size_t>(method);
    return index < endpoints.size() ? endpoints[index] : nullptr;
  }
};

/// The router's routes and fast routes, compiled for lookup. Immutable and shared by all workers.
class RouteTable {
 public:
  /// In performance mode fast routes pass no middleware. `checks_declarations`: see declaration_check. Throws
  /// std::invalid_argument, naming it, for a route that takes a user whom no layer checks.
  RouteTable(Router router, Mode mode, bool checks_declarations = false);
  ~RouteTable();
  RouteTable(const RouteTable&) = delete;
  RouteTable& operator=(const RouteTable&) = delete;

  struct Found {
    const Endpoint* endpoint = nullptr;  ///< null: the table responds itself
    MethodSet allowed;                   ///< on this path, if there is no endpoint; empty: 404
  };

  /// Finds the endpoint for a method on a normal path: of the patterns that match the path and have a route
  /// for the method the one that wins, see Router. Sets `params`, whose values are views of `path`.
  Found find(Method method, std::string_view path, std::vector<Param>& params) const;
  /// What `find` finds for a path as sent, before it is made normal, and only for exact paths. Null: ask
  /// `find`.
  [[nodiscard]] const Endpoint* find_as_sent(Method method, std::string_view path) const noexcept {
    const auto* const exact = exact_.find(path);
    return exact != nullptr && (*exact)->is_found_as_sent ? (*exact)->endpoint(method) : nullptr;
  }
  /// The same as `find` for a path that is refused only for its encoded slashes (see http::NormalPath), among
  /// the routes that take these. Nothing if there is none; otherwise `path` gets slashes for its marks.
  std::optional<Found> find_with_slashes(Method method, std::string& path, std::vector<Param>& params) const;
  /// The methods that have a route on a normal path, and OPTIONS; empty if there is no route.
  [[nodiscard]] MethodSet allowed(std::string_view path) const;

  /// Passes the request through the middleware to its handler, and the response back. If a layer or the
  /// handler takes time, only the layers before it have run, and the result is their number: the caller calls
  /// `pass_layers` for the rest, then the handler, and `finish` in the end. Otherwise the response is
  /// complete. Exceptions of handlers and middleware do not leave this.
  std::optional<std::size_t> dispatch(const Found& found, Request& request,
                                      Response& response) const noexcept;
  /// The layers after the first `passed`, which it counts. False if the handler must not be called, because a
  /// layer has responded. Throws what they throw. All arguments must outlive the coroutine.
  Task<bool> pass_layers(const Found& found, Request& request, Response& response, std::size_t& passed) const;
  /// Whether `pass_layers` has something to do after the first `passed` layers.
  [[nodiscard]] bool has_layers_after(const Found& found, std::size_t passed) const noexcept {
    return passed < layers_of(found).size();
  }
  /// Calls a handler that takes no time. Throws what it throws.
  void run_handler(const Found& found, const Request& request, Response& response) const;
  /// Passes a response back through the first `passed` layers.
  void finish(const Found& found, std::size_t passed, const Request& request,
              Response& response) const noexcept;
  /// Whether a layer adds fields to the responses to requests that are refused before routing.
  [[nodiscard]] bool completes_refusals() const noexcept { return !refusal_layers_.empty(); }
  /// Lets the layers do so. `origin`: see Middleware::on_refusal.
  void complete_refusal(std::string_view origin, Response& response) const;
  /// Turns a handler's exception into a response. To be called within a catch block.
  static void respond_to_exception(const Request& request, Response& response) noexcept;

  /// Composes the response of a fast route, except to a preflight. Throws what its WriteJson throws.
  static void compose(const FastRoute& route, Response& response) {
    if (route.write_json()) [[likely]] {
      JsonWriter out = response.json();
      route.write_json()(out);
    } else {
      put_body(route, response);
    }
    if (!route.headers().empty()) add_fields(route, response);
  }

  /// The parts of that: the body as it was at the start, and the fields.
  static void put_body(const FastRoute& route, Response& response);
  [[gnu::noinline]] static void add_fields(const FastRoute& route, Response& response);

  /// Whether a fast route passes middleware even in performance mode, because it is in a group that has some.
  [[nodiscard]] bool passes_group_middleware(const FastRoute& route) const;
  /// The largest body that any route takes. `usual`: without RouteOptions::max_body.
  [[nodiscard]] std::uint64_t most_body(std::uint64_t usual) const noexcept;
  [[nodiscard]] const WorkerServiceMakers& services() const noexcept { return router_.services(); }
  [[nodiscard]] const std::vector<FastRoute>& fast_routes() const noexcept { return router_.fast_routes(); }

 private:
  struct Node;
  class Builder;

  /// Which routes count.
  enum class Only : std::uint8_t { all, with_slashes };

  static const Endpoint* endpoint_of(const Resource* resource, Method method, Only only) noexcept;
  static const Endpoint* match(const Node& node, std::string_view path, Method method, Only only,
                               std::vector<Param>& params);
  static void insert_allowed(const Resource* resource, Only only, MethodSet& allowed) noexcept;
  static void collect(const Node& node, std::string_view path, Only only, MethodSet& allowed);
  [[nodiscard]] const std::vector<const Middleware*>& layers_of(const Found& found) const noexcept {
    return found.endpoint == nullptr ? common_layers_ : found.endpoint->layers;
  }

  Router router_;
  std::deque<Middleware> declaration_checks_;
  std::deque<Endpoint> endpoints_;
  std::deque<Resource> resources_;
  std::unique_ptr<Node> patterns_;
  PathTable<const Resource*> exact_{{}};
  std::vector<const Middleware*> common_layers_;   // for responses without an endpoint
  std::vector<const Middleware*> refusal_layers_;  // of these, those with on_refusal
};

}  // namespace chopin::routing
