#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "chopin/json.hpp"
#include "chopin/method.hpp"

namespace chopin {

/// One field line of a head (RFC 9110 section 5).
struct Field {
  std::string_view name;
  std::string_view value;
};

/// What a `{name}` of the route's pattern stands for, percent-decoded.
struct Param {
  std::string_view name;
  std::string_view value;
};

/// A request as a handler sees it. All texts are views of bytes that stay until the handler returns, or for
/// one that answers later until it has answered.
class Request {
 public:
  /// What a request is made of; a test of a handler can put one together.
  struct Parts {
    Method method = Method::get;
    std::string_view target = "/";  ///< as sent (RFC 9112 section 3.2)
    std::string_view path = "/";    ///< percent-decoded, without dot segments and query
    std::span<const Field> fields{};
    std::span<const Param> params{};
    std::string_view body{};
  };

  Request() = default;
  explicit Request(const Parts& parts) : parts_(parts) {}
  /// The same request with its notes, its texts elsewhere.
  Request(Request other, const Parts& parts) : Request(std::move(other)) { parts_ = parts; }

  [[nodiscard]] const Parts& parts() const noexcept { return parts_; }
  [[nodiscard]] Method method() const noexcept { return parts_.method; }
  [[nodiscard]] std::string_view target() const noexcept { return parts_.target; }
  [[nodiscard]] std::string_view path() const noexcept { return parts_.path; }
  /// Behind the first `?`, as sent.
  [[nodiscard]] std::string_view query() const noexcept;
  /// The first value of a name in a query of `name=value` pairs, percent-decoded, `+` read as a space (the
  /// form encoding of the URL standard).
  [[nodiscard]] std::optional<std::string> query_value(std::string_view name) const;
  /// Throws std::out_of_range where the route's pattern has no such name.
  [[nodiscard]] std::string_view param(std::string_view name) const;
  [[nodiscard]] std::span<const Param> params() const noexcept { return parts_.params; }
  /// The first value of a field, empty where there is none; names have no case.
  [[nodiscard]] std::string_view field(std::string_view name) const noexcept;
  [[nodiscard]] std::span<const Field> fields() const noexcept { return parts_.fields; }
  /// The whole body, its chunks joined.
  [[nodiscard]] std::string_view body() const noexcept { return parts_.body; }
  /// Throws HttpError 400 where the body is not JSON, 422 where it is no object.
  [[nodiscard]] JsonObject json() const { return JsonObject(parts_.body); }

  // Notes that a middleware leaves for those behind it and for the handler.

  /// Empty where no such note was left.
  [[nodiscard]] std::string_view note(std::string_view name) const noexcept;
  void set_note(std::string_view name, std::string value);

  /// Starts the clock of `elapsed`.
  void start_clock() noexcept { started_ = std::chrono::steady_clock::now(); }
  [[nodiscard]] std::chrono::nanoseconds elapsed() const noexcept {
    return std::chrono::steady_clock::now() - started_;
  }

 private:
  Parts parts_;
  std::vector<std::pair<std::string, std::string>> notes_;
  std::chrono::steady_clock::time_point started_;
};

}  // namespace chopin
