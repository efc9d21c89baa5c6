#include "chopin/router.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include <boost/core/demangle.hpp>
#include <fmt/core.h>

#include "chopin/config.hpp"
#include "chopin/declaration.hpp"
#include "http/normal_path.hpp"
#include "routing/pattern.hpp"

namespace chopin {
namespace {

[[noreturn]] void refuse(std::string_view route, std::string_view fault) {
  throw std::invalid_argument(fmt::format("route '{}': {}", route, fault));
}

std::string describe(Method method, std::string_view pattern) {
  return fmt::format("{} {}", to_string(method), pattern);
}

/// A handler takes all parameters of its path, or none.
void check_path(const json::Type& path, const routing::Pattern& pattern, std::string_view route) {
  std::vector<std::string_view> names = pattern.parameters();
  if (path.kind != json::Kind::object) {
    if (names.size() == 1) return;
    refuse(route, fmt::format("its handler takes one parameter of the path, which has {}", names.size()));
  }
  for (const json::ObjectMember& member : path.members) {
    if (std::erase(names, member.name) == 0) {
      refuse(route, fmt::format("its handler takes '{}', which is not in the path", member.name));
    }
  }
  if (!names.empty()) refuse(route, fmt::format("its handler does not take '{}' of the path", names.front()));
}

}  // namespace

Router& Router::route(Method method, TextArgument pattern, RouteHandler handler, RouteOptions options) {
  add_route(0, method, pattern, std::move(handler), options);
  return *this;
}

Router& Router::fast(FastRoute route) {
  add_fast_route(0, std::move(route));
  return *this;
}

void Router::add_fast_route(std::size_t group, FastRoute route) {
  route.path_.insert(0, groups_[group].prefix);
  route.group_ = group;
  if (const std::string fault = route.fault(); !fault.empty()) {
    throw std::invalid_argument(fmt::format("FastRoute '{}': {}", route.path(), fault));
  }
  std::string memory;
  const std::string path(http::normalise_path(route.path(), memory).path);
  const std::string own_claim = "fast " + path;  // the index would find only the first of two on one path
  if (claims_.contains(own_claim)) {
    throw std::invalid_argument(fmt::format("FastRoute '{}': the path is there twice", route.path()));
  }
  MethodSet methods = route.methods();
  if (route.has_preflight()) methods.insert(Method::options);
  claim(methods, path, route.path());
  claims_.insert(own_claim);
  fast_routes_.push_back(std::move(route));
}

RouteGroup Router::group(TextArgument prefix, std::vector<Middleware> middleware) {
  return {*this, add_group(0, prefix, std::move(middleware))};
}

Router& Router::document(ApiInfo info) {
  if (api_info_) throw std::invalid_argument("the router has a document already");
  api_info_ = std::move(info);
  return *this;
}

Router& Router::use(Middleware middleware) {
  add_middleware(0, std::move(middleware));
  return *this;
}

void Router::add_middleware(std::size_t group, Middleware middleware) {
  if (middleware.before && middleware.before_later) {
    throw std::invalid_argument(
        fmt::format("middleware '{}': give `before` or `before_later`, not both", middleware.name));
  }
  groups_[group].middleware.push_back(std::move(middleware));
}

void Router::add_service(const std::type_info& type, WorkerServiceMaker make) {
  if (std::ranges::find(services_, std::type_index(type), &WorkerServiceMakers::value_type::first) !=
      services_.end()) {
    throw std::invalid_argument(
        fmt::format("there is a service of the type {} already", boost::core::demangle(type.name())));
  }
  services_.emplace_back(type, std::move(make));
}

void Router::add_route(std::size_t group, Method method, std::string_view pattern, RouteHandler handler,
                       RouteOptions options) {
  std::string whole = groups_[group].prefix + std::string(pattern);
  const std::string description = describe(method, whole);
  if (std::ranges::find(implementable_methods, method) == std::end(implementable_methods)) {
    refuse(description, "only GET, HEAD, POST, PUT, DELETE, PATCH and OPTIONS can be routed");
  }
  if (handler.is_empty()) refuse(description, "there is no handler");
  if (!pattern.empty() && !pattern.starts_with('/')) refuse(description, "the pattern must start with '/'");
  if (options.max_body && !ranges::max_body.contains(*options.max_body)) {
    refuse(description, fmt::format("max_body: {} is not accepted; give {}..{}", *options.max_body,
                                    ranges::max_body.least, ranges::max_body.most));
  }
  const routing::Pattern parsed(whole);
  if (!parsed.fault().empty()) refuse(description, parsed.fault());
  const Declaration* const declaration = handler.declaration();
  if (declaration != nullptr && declaration->path != nullptr) {
    check_path(*declaration->path, parsed, description);
  }
  claim({method}, parsed.shape(), whole);
  routes_.push_back({method, std::move(whole), std::move(handler), group, options});
}

/// Throws if another route matches the same paths, whatever the names of the parameters.
void Router::claim(MethodSet methods, const std::string& shape, std::string_view description) {
  std::set<std::string> claims;
  for (const Method method : implementable_methods) {
    if (!methods.contains(method)) continue;
    const auto& claim = *claims.insert(describe(method, shape)).first;
    if (claims_.contains(claim)) {
      refuse(describe(method, description), "there is one already that matches the same paths");
    }
  }
  claims_.merge(claims);
}

std::size_t Router::add_group(std::size_t parent, std::string_view prefix,
                              std::vector<Middleware> middleware) {
  std::string whole = groups_[parent].prefix + std::string(prefix);
  if (!prefix.empty() && (!prefix.starts_with('/') || prefix.ends_with('/'))) {
    refuse(whole, "a group's prefix starts with '/' and does not end with it");
  }
  const std::size_t group = groups_.size();
  groups_.push_back({std::move(whole), {}, parent});
  for (Middleware& layer : middleware) add_middleware(group, std::move(layer));
  return group;
}

RouteGroup& RouteGroup::route(Method method, TextArgument pattern, RouteHandler handler,
                              RouteOptions options) {
  router_->add_route(index_, method, pattern, std::move(handler), options);
  return *this;
}

RouteGroup& RouteGroup::fast(FastRoute route) {
  router_->add_fast_route(index_, std::move(route));
  return *this;
}

RouteGroup& RouteGroup::use(Middleware middleware) {
  router_->add_middleware(index_, std::move(middleware));
  return *this;
}

RouteGroup RouteGroup::group(TextArgument prefix, std::vector<Middleware> middleware) {
  return {*router_, router_->add_group(index_, prefix, std::move(middleware))};
}

}  // namespace chopin
