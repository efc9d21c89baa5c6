#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "chopin/form.hpp"
#include "chopin/json.hpp"
#include "chopin/json_value.hpp"
#include "chopin/method.hpp"
#include "chopin/peer.hpp"
#include "chopin/text_argument.hpp"
#include "chopin/user.hpp"
#include "chopin/worker_service.hpp"

namespace chopin {

class Log;

namespace http {
class TrustedProxies;
}

/// One field line of a head (RFC 9110 section 5).
struct Field {
  std::string_view name;
  std::string_view value;
};

/// The part of the path that a `{name}` of the route's pattern matched, percent-decoded.
struct Param {
  std::string_view name;
  std::string_view value;
};

/// A request as a handler sees it.
///
/// Thread safety: several threads may read; what changes it needs exclusive access.
/// Lifetime: all texts but the notes and the user's are views.
///           They are valid until the handler returns;
///           with a Responder until its `send` or its end.
/// Throws: std::bad_alloc from all that returns a copy, and `set_note`; otherwise as said at each function.
class Request {
 public:
  /// The parts of a request, from which a test can make one.
  struct Parts {
    Method method = Method::get;
    std::string_view target = "/";  ///< as sent (RFC 9112 section 3.2)
    std::string_view path = "/";    ///< percent-decoded, without dot segments and query
    std::span<const Field> fields{};
    std::span<const Param> params{};
    std::string_view body{};
    const Log* log = nullptr;                       ///< null: what is logged is not written
    bool is_http_1_1 = true;                        ///< false: 1.0
    const PerWorkerServices* services = nullptr;    ///< null: none
    const Peer* peer = nullptr;                     ///< the other end of the connection; null: not known
    const http::TrustedProxies* proxies = nullptr;  ///< null: none is trusted
    /// The text that `body` views, if that may be shared. Ignored if it is another text, or null.
    const std::shared_ptr<const std::string>* shared_body = nullptr;
  };

  Request() = default;
  explicit Request(const Parts& parts) : parts_(parts) {}
  /// Takes notes, clock, user and what `json` accepts from `other`, and everything else from `parts`.
  Request(Request other, const Parts& parts) : Request(std::move(other)) { parts_ = parts; }

  [[nodiscard]] const Parts& parts() const noexcept { return parts_; }
  [[nodiscard]] Method method() const noexcept { return parts_.method; }
  [[nodiscard]] std::string_view target() const noexcept { return parts_.target; }
  [[nodiscard]] std::string_view path() const noexcept { return parts_.path; }
  /// The part of the target after the first `?`, as sent.
  [[nodiscard]] std::string_view query() const noexcept;
  /// The query as `name=value` pairs: typed values, and all values of a name.
  [[nodiscard]] Form query_parameters() const { return Form(query()); }
  /// The query as a struct: see Form::as.
  template <class Value>
  [[nodiscard]] Value query() const {
    return query_parameters().as<Value>();
  }
  /// The first value with this name in the query.
  [[nodiscard]] std::optional<std::string> query_value(TextArgument name) const {
    return query_parameters().value(name);
  }
  /// Throws std::out_of_range if the route's pattern has no such name.
  [[nodiscard]] std::string_view param(TextArgument name) const;
  [[nodiscard]] std::span<const Param> params() const noexcept { return parts_.params; }
  /// The first value of a field, empty if there is none; the name's case does not matter. If the target is in
  /// absolute form, Host is the target's authority, whatever was sent (RFC 9112 section 3.2.2).
  [[nodiscard]] std::string_view field(TextArgument name) const noexcept;
  [[nodiscard]] std::span<const Field> fields() const noexcept { return parts_.fields; }
  /// The values of all fields with this name, one for each field line, in their order.
  [[nodiscard]] std::vector<std::string_view> field_values(TextArgument name) const;
  /// The value of the first cookie with this name, without surrounding quotes, otherwise as sent (RFC 6265
  /// section 4.2).
  [[nodiscard]] std::optional<std::string_view> cookie(TextArgument name) const noexcept;
  /// Whether the request is HTTP/1.1, or of a later minor version, and not HTTP/1.0.
  [[nodiscard]] bool is_http_1_1() const noexcept { return parts_.is_http_1_1; }
  /// The client: the other end of the connection, or the client that a trusted proxy names (see
  /// Config::trusted_proxies).
  [[nodiscard]] Peer peer() const;
  /// The whole body, without chunk framing.
  [[nodiscard]] std::string_view body() const noexcept { return parts_.body; }
  /// The same where it can outlive the request without a copy, for Response::body and for what works on it
  /// later. Null if the body came in one read, which is less than 64 KiB, or is empty: copy that.
  [[nodiscard]] std::shared_ptr<const std::string> shared_body() const noexcept;
  /// The body as a JSON object. Throws HttpError: 415 if it has a content coding, or if Content-Type is
  /// missing or not a JSON media type (`application/json`, or any with the suffix `+json`); 400 if it is not
  /// JSON, 422 if it is not an object. A web page of another origin must ask, in a preflight, before it sends
  /// such a type.
  [[nodiscard]] JsonObject json() const { return JsonObject(json_text()); }
  /// The body as a struct that has `json_members`, or a vector of them. Throws HttpError 415 as above, and
  /// what read_json throws.
  template <class Value>
  [[nodiscard]] Value json() const {
    return read_json<Value>(json_text());
  }
  /// The body that `json` reads, unread. Throws HttpError 415 as above.
  [[nodiscard]] std::string_view json_text() const;
  /// The body as `name=value` pairs. Throws HttpError 415 if it has a content coding or its Content-Type is
  /// not application/x-www-form-urlencoded.
  [[nodiscard]] Form form() const;
  /// The same as a struct: see Form::as.
  template <class Value>
  [[nodiscard]] Value form() const {
    return form().as<Value>();
  }
  /// Lets `json` take any media type, and none. What RouteOptions::json_of_any_type does.
  void accept_json_of_any_type() noexcept { json_of_any_type_ = true; }

  /// The log of the server, for lines about this request. Valid as long as the request.
  [[nodiscard]] const Log& log() const noexcept;

  /// The service of this worker that Router::per_worker has made. On the worker's thread only. Throws
  /// std::out_of_range, naming the type, if there is none.
  template <class Service>
  [[nodiscard]] Service& worker() const {
    return services().get<Service>();
  }

  // Notes from a middleware to the layers after it and to the handler.

  /// Empty if there is no such note.
  [[nodiscard]] std::string_view note(TextArgument name) const noexcept;
  void set_note(TextArgument name, std::string value);

  // Who sends the request, from a guard (guard.hpp) to the layers after it and to the handler.

  /// Throws std::logic_error if no layer has set it: the route has no guard.
  [[nodiscard]] const User& user() const;
  [[nodiscard]] bool has_user() const noexcept { return user_ != nullptr; }
  void set_user(User user);

  /// Starts the clock of `elapsed`.
  void start_clock() noexcept { started_ = std::chrono::steady_clock::now(); }
  [[nodiscard]] std::chrono::nanoseconds elapsed() const noexcept {
    return std::chrono::steady_clock::now() - started_;
  }

 private:
  [[nodiscard]] const PerWorkerServices& services() const noexcept;

  Parts parts_;
  std::vector<std::pair<std::string, std::string>> notes_;
  std::shared_ptr<const User> user_;  // shared by copies of the request
  std::chrono::steady_clock::time_point started_;
  bool json_of_any_type_ = false;
};

}  // namespace chopin
