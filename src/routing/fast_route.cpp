#include "chopin/fast_route.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <unordered_set>

#include <fmt/core.h>

#include "http/characters.hpp"

namespace chopin {
namespace {

using http::character_class::field_text;
using http::character_class::token;

bool is_written_by_server(std::string_view name) {
  constexpr std::array<std::string_view, 6> own{"Content-Type", "Content-Length", "Transfer-Encoding",
                                                "Connection",   "Server",         "Date"};
  return std::ranges::any_of(
      own, [name](std::string_view field) { return http::equals_ignoring_case(name, field); });
}

bool is_field_value(std::string_view value) {
  return http::consists_of(value, field_text) && http::trimmed(value).size() == value.size();
}

/// What is wrong with a route, empty where nothing is.
std::string fault_of(const FastRoute& route) {
  if (!route.path().starts_with('/')) return "the path must start with '/'";
  if (!http::consists_of(route.path(), http::character_class::target) ||
      route.path().find('?') != std::string::npos) {
    return "the path holds a byte that no request path can carry";
  }
  if (route.methods().empty()) return "no method is allowed";
  if (route.methods().contains(Method::connect) || route.methods().contains(Method::trace) ||
      route.methods().contains(Method::unknown)) {
    return "only GET, HEAD, POST, PUT, DELETE, PATCH and OPTIONS can be allowed";
  }
  if (route.answers_preflight() && route.methods().contains(Method::options)) {
    return "cors() answers OPTIONS, methods() must not allow it too";
  }
  if (route.content_type().empty() || !is_field_value(route.content_type())) {
    return fmt::format("illegal content type '{}'", route.content_type());
  }
  for (const auto& [name, value] : route.headers()) {
    if (name.empty() || !http::consists_of(name, token)) return fmt::format("illegal field name '{}'", name);
    if (is_written_by_server(name)) return fmt::format("the server itself writes the field '{}'", name);
    if (!is_field_value(value)) return fmt::format("illegal value of the field '{}'", name);
  }
  return {};
}

}  // namespace

FastRoute::FastRoute(std::string path, std::string body, std::string content_type)
    : path_(std::move(path)), body_(std::move(body)), content_type_(std::move(content_type)) {}

FastRoute FastRoute::json(std::string path, std::string body) {
  return {std::move(path), std::move(body), "application/json"};
}

FastRoute FastRoute::text(std::string path, std::string body) {
  return {std::move(path), std::move(body), "text/plain"};
}

FastRoute FastRoute::html(std::string path, std::string body) {
  return {std::move(path), std::move(body), "text/html; charset=utf-8"};
}

FastRoute FastRoute::raw(std::string path, std::string body, std::string content_type) {
  return {std::move(path), std::move(body), std::move(content_type)};
}

FastRoute& FastRoute::cors() & {
  answers_preflight_ = true;
  return header("Access-Control-Allow-Origin", "*");
}

FastRoute& FastRoute::cache_control(std::string value) & {
  return header("Cache-Control", std::move(value));
}

FastRoute& FastRoute::header(std::string name, std::string value) & {
  headers_.emplace_back(std::move(name), std::move(value));
  return *this;
}

FastRoute& FastRoute::methods(MethodSet allowed) & {
  methods_ = allowed;
  return *this;
}

FastRoute& FastRoute::get_only() & {
  return methods({Method::get, Method::head});
}

FastRouteTable::FastRouteTable(std::vector<FastRoute> routes) : routes_(std::move(routes)) {
  std::unordered_set<std::string_view> paths;
  for (const FastRoute& route : routes_) {
    std::string fault = fault_of(route);
    if (fault.empty() && !paths.insert(route.path()).second) fault = "the path is there twice";
    if (!fault.empty()) throw std::invalid_argument(fmt::format("FastRoute '{}': {}", route.path(), fault));
  }
}

}  // namespace chopin
