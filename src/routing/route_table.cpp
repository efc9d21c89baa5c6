#include "routing/route_table.hpp"

#include <algorithm>
#include <exception>
#include <functional>
#include <iterator>
#include <map>
#include <unordered_map>
#include <utility>

#include "http/normal_path.hpp"
#include "routing/log_request.hpp"
#include "routing/pattern.hpp"
#include "routing/preflight.hpp"

namespace chopin::routing {
namespace {

constexpr MethodSet every_method = [] {
  MethodSet methods;
  for (const Method method : implementable_methods) methods.insert(method);
  return methods;
}();

struct TextHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>{}(text); }
};

/// The responses that no handler gives.
void respond_without_handler(MethodSet allowed, const Request& request, Response& response) {
  const Method method = request.method();
  if (allowed.empty() && (is_tunnel_or_echo(method) || request.path() == "*")) allowed = every_method;
  if (allowed.empty()) {
    response.error(404, "there is no resource at this path");
    return;
  }
  if (method == Method::options) {
    response.no_content();
  } else {
    response.error(405, "the resource does not implement this method");
  }
  response.field("Allow", allowed.allow());
}

/// The layer of the routes with RouteOptions::json_of_any_type: the others do not pay for it.
const Middleware& json_of_any_type() {
  static const Middleware layer{.name = "json-of-any-type",
                                .reason = "outermost: every layer may read the body",
                                .before = [](Request& request, Response&) {
                                  request.accept_json_of_any_type();
                                  return Verdict::next();
                                }};
  return layer;
}

/// Runs `after` of the first `entered` layers in reverse order.
void leave(const std::vector<const Middleware*>& layers, std::size_t entered, const Request& request,
           Response& response) noexcept {
  for (; entered > 0; --entered) {
    const Middleware& layer = *layers[entered - 1];
    if (!layer.after) continue;
    try {
      layer.after(request, response);
    } catch (...) {
      RouteTable::respond_to_exception(request, response);
    }
  }
}

}  // namespace

/// A tree of segments, for the patterns with parameters.
struct RouteTable::Node {
  std::unordered_map<std::string, std::unique_ptr<Node>, TextHash, std::equal_to<>> text;
  std::unique_ptr<Node> param;
  const Resource* here = nullptr;
  const Resource* rest = nullptr;
};

class RouteTable::Builder {
 public:
  explicit Builder(RouteTable& table) noexcept : table_(table) {}

  void add(const Router::Route& route) {
    const Pattern pattern(route.pattern);
    Endpoint endpoint{
        .handler = {}, .params = {}, .layers = layers_of(route.group), .options = route.options};
    std::visit([&endpoint](const auto& handler) { endpoint.handler = &handler; }, route.handler);
    if (route.options.json_of_any_type) {
      endpoint.layers.insert(endpoint.layers.begin(), &json_of_any_type());
    }
    for (const Pattern::Segment& segment : pattern.segments()) {
      if (segment.kind != Pattern::Kind::text) endpoint.params.emplace_back(segment.text);
    }
    Resource& resource = resource_of(pattern);
    const Endpoint& added = table_.endpoints_.emplace_back(std::move(endpoint));
    resource.endpoints[static_cast<std::size_t>(route.method)] = &added;
  }

  void add(const FastRoute& route, Mode mode) {
    Endpoint endpoint{.handler = &route, .params = {}, .layers = {}};
    if (mode == Mode::standard) endpoint.layers = layers_of(0);
    const Endpoint& added = table_.endpoints_.emplace_back(std::move(endpoint));
    std::string memory;
    const Pattern pattern(http::normalise_path(route.path(), memory).path);
    Resource& resource = resource_of(pattern);
    for (const Method method : implementable_methods) {
      const bool is_preflight = method == Method::options && route.has_preflight();
      if (is_preflight || route.methods().contains(method)) {
        resource.endpoints[static_cast<std::size_t>(method)] = &added;
      }
    }
  }

  void finish() {
    for (Resource& resource : table_.resources_) {
      const Endpoint*& head = resource.endpoints[static_cast<std::size_t>(Method::head)];
      if (head == nullptr) head = resource.endpoint(Method::get);
      for (const Method method : implementable_methods) {
        if (resource.endpoint(method) != nullptr) resource.allowed.insert(method);
      }
    }
    table_.exact_ = PathTable(std::move(exact_));
    table_.common_layers_ = layers_of(0);
    std::ranges::copy_if(table_.common_layers_, std::back_inserter(table_.refusal_layers_),
                         [](const Middleware* layer) { return layer->on_refusal != nullptr; });
  }

 private:
  [[nodiscard]] std::vector<const Middleware*> layers_of(std::size_t group) const {
    const auto& groups = table_.router_.groups();
    std::vector<const Middleware*> layers;
    if (group != 0) layers = layers_of(groups[group].parent);
    for (const Middleware& layer : groups[group].middleware) layers.push_back(&layer);
    return layers;
  }

  Resource& resource_of(const Pattern& pattern) {
    Resource*& resource = by_shape_[pattern.shape()];
    if (resource != nullptr) return *resource;
    resource = &table_.resources_.emplace_back();
    if (pattern.is_exact()) {
      exact_.emplace_back(pattern.shape(), resource);
      return *resource;
    }
    Node* node = table_.patterns_.get();
    for (const auto& [kind, text] : pattern.segments()) {
      if (kind == Pattern::Kind::rest) {
        node->rest = resource;
        return *resource;
      }
      auto& child = kind == Pattern::Kind::text ? node->text[std::string(text)] : node->param;
      if (child == nullptr) child = std::make_unique<Node>();
      node = child.get();
    }
    node->here = resource;
    return *resource;
  }

  RouteTable& table_;
  std::map<std::string, Resource*> by_shape_;
  std::vector<std::pair<std::string, const Resource*>> exact_;
};

RouteTable::RouteTable(Router router, Mode mode)
    : router_(std::move(router)), patterns_(std::make_unique<Node>()) {
  Builder builder(*this);
  for (const FastRoute& route : router_.fast_routes()) builder.add(route, mode);
  for (const Router::Route& route : router_.routes()) builder.add(route);
  builder.finish();
}

RouteTable::~RouteTable() = default;

RouteTable::Found RouteTable::find(Method method, std::string_view path, std::vector<Param>& params) const {
  params.clear();
  if (const auto* const exact = exact_.find(path)) {
    if (const Endpoint* const endpoint = (*exact)->endpoint(method)) return {endpoint, {}};
  }
  const Endpoint* const endpoint =
      path.starts_with('/') ? match(*patterns_, path, method, Only::all, params) : nullptr;
  if (endpoint == nullptr) return {nullptr, allowed(path)};
  for (std::size_t i = 0; i < params.size(); ++i) params[i].name = endpoint->params[i];
  return {endpoint, {}};
}

std::optional<RouteTable::Found> RouteTable::find_with_slashes(Method method, std::string& path,
                                                               std::vector<Param>& params) const {
  params.clear();
  Found found{.endpoint = match(*patterns_, path, method, Only::with_slashes, params), .allowed = {}};
  if (found.endpoint == nullptr) {
    collect(*patterns_, path, Only::with_slashes, found.allowed);
    if (found.allowed.empty()) return std::nullopt;
    found.allowed.insert(Method::options);
  }
  for (std::size_t i = 0; i < params.size(); ++i) params[i].name = found.endpoint->params[i];
  http::restore_slashes(path);  // in place: the values of the parameters are views of it
  return found;
}

const Endpoint* RouteTable::endpoint_of(const Resource* resource, Method method, Only only) noexcept {
  const Endpoint* const endpoint = resource == nullptr ? nullptr : resource->endpoint(method);
  const bool counts = endpoint != nullptr && (only == Only::all || endpoint->options.encoded_slashes);
  return counts ? endpoint : nullptr;
}

/// `path` is the unmatched rest, starting with a slash. Backtracks if a branch does not match.
const Endpoint* RouteTable::match(const Node& node, std::string_view path, Method method, Only only,
                                  std::vector<Param>& params) {
  if (path.empty()) return endpoint_of(node.here, method, only);
  const std::string_view segment = path.substr(1, path.find('/', 1) - 1);
  const std::string_view remaining = path.substr(1 + segment.size());
  if (const auto child = node.text.find(segment); child != node.text.end()) {
    if (const Endpoint* const found = match(*child->second, remaining, method, only, params)) return found;
  }
  if (node.param != nullptr && !segment.empty()) {
    params.push_back({{}, segment});
    if (const Endpoint* const found = match(*node.param, remaining, method, only, params)) return found;
    params.pop_back();
  }
  const Endpoint* const found = endpoint_of(node.rest, method, only);
  if (found != nullptr) params.push_back({{}, path.substr(1)});
  return found;
}

MethodSet RouteTable::allowed(std::string_view path) const {
  MethodSet methods;
  if (const auto* const exact = exact_.find(path)) methods.insert((*exact)->allowed);
  if (path.starts_with('/')) collect(*patterns_, path, Only::all, methods);
  if (!methods.empty()) methods.insert(Method::options);
  return methods;
}

void RouteTable::insert_allowed(const Resource* resource, Only only, MethodSet& allowed) noexcept {
  for (const Method method : implementable_methods) {
    if (endpoint_of(resource, method, only) != nullptr) allowed.insert(method);
  }
}

/// The same walk as `match`, but along all branches.
void RouteTable::collect(const Node& node, std::string_view path, Only only, MethodSet& allowed) {
  if (path.empty()) return insert_allowed(node.here, only, allowed);
  const std::string_view segment = path.substr(1, path.find('/', 1) - 1);
  const std::string_view remaining = path.substr(1 + segment.size());
  if (const auto child = node.text.find(segment); child != node.text.end()) {
    collect(*child->second, remaining, only, allowed);
  }
  if (node.param != nullptr && !segment.empty()) collect(*node.param, remaining, only, allowed);
  insert_allowed(node.rest, only, allowed);
}

void RouteTable::run_handler(const Found& found, const Request& request, Response& response) const {
  if (found.endpoint == nullptr) return respond_without_handler(found.allowed, request, response);
  if (const auto* const route = std::get_if<const FastRoute*>(&found.endpoint->handler)) {
    const bool is_preflight = request.method() == Method::options && (*route)->has_preflight();
    return is_preflight ? respond_to_preflight(allowed(request.path()), response)
                        : compose(**route, response);
  }
  (*std::get<const Handler*>(found.endpoint->handler))(request, response);
}

void RouteTable::put_body(const FastRoute& route, Response& response) {
  if (route.is_large()) {
    response.body(route.content_type(), route.lent_body());
  } else {
    response.body(route.content_type(), route.body());
  }
}

void RouteTable::add_fields(const FastRoute& route, Response& response) {
  for (const auto& [name, value] : route.headers()) response.field(name, value);
}

const Endpoint* RouteTable::dispatch(const Found& found, Request& request,
                                     Response& response) const noexcept {
  const auto& layers = found.endpoint == nullptr ? common_layers_ : found.endpoint->layers;
  std::size_t entered = 0;
  try {
    Verdict verdict = Verdict::next();
    while (verdict.is_next() && entered < layers.size()) {
      const Middleware& layer = *layers[entered++];
      if (layer.before) verdict = layer.before(request, response);
    }
    if (verdict.is_fail()) {
      response.error(verdict.status(), verdict.message());
    } else if (verdict.is_next()) {
      if (found.endpoint != nullptr && std::holds_alternative<const LaterHandler*>(found.endpoint->handler)) {
        return found.endpoint;
      }
      run_handler(found, request, response);
    }
  } catch (...) {
    respond_to_exception(request, response);
  }
  leave(layers, entered, request, response);
  return nullptr;
}

void RouteTable::finish(const Endpoint& endpoint, const Request& request, Response& response) noexcept {
  leave(endpoint.layers, endpoint.layers.size(), request, response);
}

void RouteTable::complete_refusal(std::string_view origin, Response& response) const {
  for (const Middleware* const layer : refusal_layers_) layer->on_refusal(origin, response);
}

void RouteTable::respond_to_exception(const Request& request, Response& response) noexcept {
  const auto fail = [&](std::string_view what) {
    log_request(request, LogLevel::error, "a handler threw", {{"error", what}, {"status", 500}});
    response.error(500, "internal error");
  };
  try {
    try {
      throw;
    } catch (const HttpError& error) {
      response.error(error.status(), error.what(), error.fields());
      for (const auto& [name, value] : error.response_fields()) response.field(name, value);
    } catch (const std::exception& error) {
      fail(error.what());
    } catch (...) {
      fail("something that is no std::exception");
    }
  } catch (...) {  // not enough memory for the error object, or an illegal field
    response.reset();
    response.status(500);
  }
}

}  // namespace chopin::routing
