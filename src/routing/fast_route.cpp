#include "chopin/fast_route.hpp"

#include <algorithm>
#include <cstddef>

#include <fmt/core.h>

#include "http/field_rules.hpp"
#include "http/normal_path.hpp"
#include "routing/pattern.hpp"
#include "text/characters.hpp"

namespace chopin {
namespace {

std::string fault_of_path(std::string_view path) {
  if (!path.starts_with('/')) return "the path must start with '/'";
  if (!text::consists_of(path, text::character_class::path)) {
    return "the path holds a byte that no request path can carry";
  }
  std::string memory;
  const http::NormalPath normal = http::normalise_path(path, memory);
  if (normal.rejection != http::Rejection::none) {
    return std::string(http::response_to(normal.rejection).message);
  }
  if (normal.path.find_first_of("{}") != std::string_view::npos) {
    return "a fast route's path is exact, without braces";
  }
  const routing::Pattern pattern(normal.path);
  if (!pattern.fault().empty()) return fmt::format("{}, and a fast route's path is exact", pattern.fault());
  // Decoding shortens each encoding by two bytes; anything beyond that was a dot segment.
  const auto encodings = static_cast<std::size_t>(std::ranges::count(path, '%'));
  if (normal.path.size() + 2 * encodings != path.size()) return "the path has dot segments";
  return {};
}

std::string fault_of_methods(const FastRoute& route) {
  if (route.methods().empty()) return "no method is allowed";
  for (const Method method : {Method::connect, Method::trace, Method::unknown}) {
    if (route.methods().contains(method)) {
      return "only GET, HEAD, POST, PUT, DELETE, PATCH and OPTIONS can be allowed";
    }
  }
  if (route.has_preflight() && route.methods().contains(Method::options)) {
    return "cors() handles OPTIONS, methods() must not allow it too";
  }
  return {};
}

}  // namespace

FastRoute::FastRoute(std::string path, std::string body, std::string content_type)
    : path_(std::move(path)),
      body_(std::make_shared<const std::string>(std::move(body))),
      content_type_(std::move(content_type)) {}

FastRoute FastRoute::json(std::string path, std::string body) {
  return {std::move(path), std::move(body), "application/json"};
}

FastRoute FastRoute::json(std::string path, WriteJson write) {
  ByteBuffer body;
  {
    JsonWriter writer(body);
    write(writer);
  }
  FastRoute route = json(std::move(path), std::string(body.bytes()));
  route.write_json_ = std::move(write);
  return route;
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
  has_preflight_ = true;
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

std::string FastRoute::fault() const {
  if (std::string fault = fault_of_path(path_); !fault.empty()) return fault;
  if (std::string fault = fault_of_methods(*this); !fault.empty()) return fault;
  if (content_type_.empty() || !http::is_field_value(content_type_)) {
    return fmt::format("illegal content type '{}'", content_type_);
  }
  for (const auto& [name, value] : headers_) {
    const std::string_view fault = http::fault_of_field(name, value);
    if (!fault.empty()) return fmt::format("{} '{}'", fault, name);
  }
  return {};
}

}  // namespace chopin
