#include "routing/route_table.hpp"

#include <algorithm>
#include <exception>
#include <functional>
#include <iterator>
#include <map>
#include <stdexcept>
#include <unordered_map>
#include <utility>

#include <boost/core/demangle.hpp>
#include <fmt/core.h>

#include "chopin/declaration.hpp"
#include "http/normal_path.hpp"
#include "routing/declaration_check.hpp"
#include "routing/pattern.hpp"

namespace chopin::routing {
namespace {

struct TextHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>{}(text); }
};

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
  Builder(RouteTable& table, bool checks_declarations) noexcept
      : table_(table), checks_declarations_(checks_declarations) {}

  void add(const Router::Route& route) {
    const Pattern pattern(route.pattern);
    Endpoint endpoint{
        .handler = {}, .params = {}, .layers = layers_of(route.group), .options = route.options};
    std::visit([&endpoint](const auto& handler) { endpoint.handler = &handler; }, route.handler.function());
    endpoint.for_large_bodies = route.handler.for_large_bodies();
    if (const Declaration* const declaration = route.handler.declaration()) {
      apply(*declaration, fmt::format("{} {}", to_string(route.method), route.pattern), endpoint.layers);
    }
    if (route.options.json_of_any_type) {
      endpoint.layers.insert(endpoint.layers.begin(), &json_of_any_type());
    }
    for (const std::string_view name : pattern.parameters()) endpoint.params.emplace_back(name);
    Resource& resource = resource_of(pattern);
    const Endpoint& added = table_.endpoints_.emplace_back(std::move(endpoint));
    resource.endpoints[static_cast<std::size_t>(route.method)] = &added;
  }

  void add(const FastRoute& route, Mode mode) {
    Endpoint endpoint{.handler = &route, .params = {}, .layers = {}};
    if (mode == Mode::standard || table_.passes_group_middleware(route)) {
      endpoint.layers = layers_of(route.group());
    }
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

  void apply(const Declaration& declaration, const std::string& route,
             std::vector<const Middleware*>& layers) {
    if (declaration.takes_user && std::ranges::none_of(layers, &Middleware::wants_token)) {
      throw std::invalid_argument(
          fmt::format("route '{}': its handler takes a User, but no middleware checks a token", route));
    }
    for (const std::type_index& service : declaration.services) {
      if (std::ranges::find(table_.services(), service, &WorkerServiceMakers::value_type::first) !=
          table_.services().end()) {
        continue;
      }
      throw std::invalid_argument(
          fmt::format("route '{}': its handler takes a {}&, but the router has no such service: see "
                      "Router::per_worker",
                      route, boost::core::demangle(service.name())));
    }
    if (!checks_declarations_) return;
    table_.declaration_checks_.push_back(declaration_check(declaration, layers, route));
    layers.insert(layers.begin(), &table_.declaration_checks_.back());
  }

  Resource& resource_of(const Pattern& pattern) {
    Resource*& resource = by_shape_[pattern.shape()];
    if (resource != nullptr) return *resource;
    resource = &table_.resources_.emplace_back();
    if (pattern.is_exact()) {
      exact_.emplace_back(pattern.shape(), resource);
      resource->is_found_as_sent = exact_.back().first.find('%') == std::string::npos;
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
  bool checks_declarations_;
  std::map<std::string, Resource*> by_shape_;
  std::vector<std::pair<std::string, const Resource*>> exact_;
};

RouteTable::RouteTable(Router router, Mode mode, bool checks_declarations)
    : router_(std::move(router)), patterns_(std::make_unique<Node>()) {
  Builder builder(*this, checks_declarations);
  for (const FastRoute& route : router_.fast_routes()) builder.add(route, mode);
  for (const Router::Route& route : router_.routes()) builder.add(route);
  builder.finish();
}

RouteTable::~RouteTable() = default;

bool RouteTable::passes_group_middleware(const FastRoute& route) const {
  const auto& groups = router_.groups();
  for (std::size_t group = route.group(); group != 0; group = groups[group].parent) {
    if (!groups[group].middleware.empty()) return true;
  }
  return false;
}

std::uint64_t RouteTable::most_body(std::uint64_t usual) const noexcept {
  std::uint64_t most = usual;
  for (const Endpoint& endpoint : endpoints_) most = std::max(most, endpoint.options.max_body.value_or(0));
  return most;
}

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

}  // namespace chopin::routing
