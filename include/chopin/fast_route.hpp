#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "chopin/method.hpp"

namespace chopin {

/// An answer known in advance for one exact path (the query is ignored). Every decorator is paid for when the
/// table is compiled; a request costs one lookup and one copy.
///
///     FastRoute::json("/health", R"({"ok":true})").cors().cache_control("no-store")
class FastRoute {
 public:
  static FastRoute json(std::string path, std::string body);
  static FastRoute text(std::string path, std::string body);
  static FastRoute html(std::string path, std::string body);
  static FastRoute raw(std::string path, std::string body, std::string content_type);

  /// Adds `Access-Control-Allow-Origin: *` and answers OPTIONS with the preflight's 204 (Fetch
  /// standard, 3.2).
  FastRoute& cors() &;
  FastRoute& cache_control(std::string value) &;
  FastRoute& header(std::string name, std::string value) &;
  /// Replaces the default, GET and HEAD. Other methods get 405 with `Allow`.
  FastRoute& methods(MethodSet allowed) &;
  FastRoute& get_only() &;

  FastRoute&& cors() && { return std::move(cors()); }
  FastRoute&& cache_control(std::string value) && { return std::move(cache_control(std::move(value))); }
  FastRoute&& header(std::string name, std::string value) && {
    return std::move(header(std::move(name), std::move(value)));
  }
  FastRoute&& methods(MethodSet allowed) && { return std::move(methods(allowed)); }
  FastRoute&& get_only() && { return std::move(get_only()); }

  using Headers = std::vector<std::pair<std::string, std::string>>;

  [[nodiscard]] const std::string& path() const noexcept { return path_; }
  [[nodiscard]] const std::string& body() const noexcept { return body_; }
  [[nodiscard]] const std::string& content_type() const noexcept { return content_type_; }
  [[nodiscard]] const Headers& headers() const noexcept { return headers_; }
  [[nodiscard]] MethodSet methods() const noexcept { return methods_; }
  [[nodiscard]] bool answers_preflight() const noexcept { return answers_preflight_; }

 private:
  FastRoute(std::string path, std::string body, std::string content_type);

  std::string path_;
  std::string body_;
  std::string content_type_;
  Headers headers_;
  MethodSet methods_{Method::get, Method::head};
  bool answers_preflight_ = false;
};

/// The fast routes of a server, checked and from then on fixed.
class FastRouteTable {
 public:
  /// Throws std::invalid_argument, naming the route and what is wrong: a path without a leading `/` or with a
  /// byte no request can carry, a path that is there twice, an illegal field name or value, a field that the
  /// server writes itself, no methods at all.
  explicit FastRouteTable(std::vector<FastRoute> routes);

  [[nodiscard]] const std::vector<FastRoute>& routes() const noexcept { return routes_; }

 private:
  std::vector<FastRoute> routes_;
};

}  // namespace chopin
