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

/// An answer known in advance for one exact path (the query is ignored). In performance mode every decorator
/// is paid for at the start; a request costs one lookup and one copy, and passes no middleware.
///
///     FastRoute::json("/health", R"({"ok":true})").cors().cache_control("no-store")
class FastRoute {
 public:
  using WriteJson = std::function<void(JsonWriter&)>;

  static FastRoute json(std::string path, std::string body);
  /// A body that is serialised: once where answers are prebuilt, for every request where they are composed.
  static FastRoute json(std::string path, WriteJson write);
  static FastRoute text(std::string path, std::string body);
  static FastRoute html(std::string path, std::string body);
  static FastRoute raw(std::string path, std::string body, std::string content_type);

  /// Adds `Access-Control-Allow-Origin: *` and answers OPTIONS with the preflight's 204 (Fetch
  /// standard, 3.2).
  FastRoute& cors() &;
  FastRoute& cache_control(std::string value) &;
  FastRoute& header(std::string name, std::string value) &;
  /// Replaces the default, GET and HEAD. Other methods are left to the router's routes; it answers HEAD
  /// wherever there is GET.
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
  /// The same, to be shared: copies of a route have one body.
  [[nodiscard]] const std::shared_ptr<const std::string>& shared_body() const noexcept { return body_; }
  [[nodiscard]] bool is_large() const noexcept { return body_->size() >= Limits::large_body; }
  [[nodiscard]] const std::string& content_type() const noexcept { return content_type_; }
  [[nodiscard]] const Headers& headers() const noexcept { return headers_; }
  [[nodiscard]] MethodSet methods() const noexcept { return methods_; }
  [[nodiscard]] bool has_preflight() const noexcept { return has_preflight_; }
  /// Empty where the body was given finished.
  [[nodiscard]] const WriteJson& write_json() const noexcept { return write_json_; }

  /// What is wrong with the route, empty where nothing is: a path without a leading `/` or with a byte that
  /// no request can carry, with dot segments or braces, an illegal field name or value, a field that the
  /// server itself writes, no methods at all.
  [[nodiscard]] std::string fault() const;

 private:
  FastRoute(std::string path, std::string body, std::string content_type);

  std::string path_;
  std::shared_ptr<const std::string> body_;
  std::string content_type_;
  WriteJson write_json_;
  Headers headers_;
  MethodSet methods_{Method::get, Method::head};
  bool has_preflight_ = false;
};

}  // namespace chopin
