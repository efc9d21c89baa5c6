#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "chopin/config.hpp"
#include "chopin/json.hpp"
#include "chopin/method.hpp"

namespace chopin {

/// A fixed response for one exact path (the query is ignored). In performance mode it passes no middleware;
/// if prebuilt, a request costs one lookup and one copy, whatever fields are added.
///
///     FastRoute::json("/health", R"({"ok":true})").cors().cache_control("no-store")
///
/// Thread safety: one thread at a time; several may read. All workers may call `write_json` at once.
/// Lifetime: owns its texts and its WriteJson.
/// Throws: std::bad_alloc, and what a WriteJson throws; errors are reported by `fault`.
class FastRoute {
 public:
  using WriteJson = std::function<void(JsonWriter&)>;

  static FastRoute json(std::string path, std::string body);
  /// A body written by a function: once now, and again for every request if fast routes are composed.
  static FastRoute json(std::string path, WriteJson write);
  static FastRoute text(std::string path, std::string body);
  static FastRoute html(std::string path, std::string body);
  static FastRoute raw(std::string path, std::string body, std::string content_type);

  /// Adds `Access-Control-Allow-Origin: *` and responds to OPTIONS with the preflight's 204 (Fetch standard,
  /// section 3.2).
  FastRoute& cors() &;
  FastRoute& cache_control(std::string value) &;
  FastRoute& header(std::string name, std::string value) &;
  /// Replaces the default, GET and HEAD. Other methods go to the router, which serves HEAD if there is GET.
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
  [[nodiscard]] const std::string& body() const noexcept { return *body_; }
  /// The same as a pointer that owns nothing, valid as long as the route, so that workers that copy it write
  /// to no shared counter.
  [[nodiscard]] std::shared_ptr<const std::string> lent_body() const noexcept {
    return {std::shared_ptr<void>(), body_.get()};
  }
  [[nodiscard]] bool is_large() const noexcept { return body_->size() >= Limits::large_body; }
  [[nodiscard]] const std::string& content_type() const noexcept { return content_type_; }
  [[nodiscard]] const Headers& headers() const noexcept { return headers_; }
  [[nodiscard]] MethodSet methods() const noexcept { return methods_; }
  [[nodiscard]] bool has_preflight() const noexcept { return has_preflight_; }
  /// Empty if the body was given as a text.
  [[nodiscard]] const WriteJson& write_json() const noexcept { return write_json_; }

  /// What is wrong with the route, empty if nothing is: a path without a leading `/`, with a byte that no
  /// request can carry, with dot segments or braces; an illegal field name or value, or a field that the
  /// server writes itself; no method, or one that cannot be allowed.
  [[nodiscard]] std::string fault() const;

  /// Index into Router::groups.
  [[nodiscard]] std::size_t group() const noexcept { return group_; }

 private:
  friend class Router;

  FastRoute(std::string path, std::string body, std::string content_type);

  std::string path_;
  std::shared_ptr<const std::string> body_;
  std::string content_type_;
  WriteJson write_json_;
  Headers headers_;
  MethodSet methods_{Method::get, Method::head};
  bool has_preflight_ = false;
  std::size_t group_ = 0;
};

}  // namespace chopin
