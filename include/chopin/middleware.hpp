#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "chopin/declaration.hpp"
#include "chopin/executor.hpp"
#include "chopin/request.hpp"
#include "chopin/response.hpp"

namespace chopin {

/// What a middleware decides before the handler runs.
///
/// Thread safety: immutable.
/// Lifetime: owns its message.
/// Throws: nothing.
class Verdict {
 public:
  /// Continue with the next layer or the handler.
  static Verdict next() { return Verdict(Kind::next); }
  /// The response is complete: skip the remaining layers and the handler.
  static Verdict done() { return Verdict(Kind::done); }
  /// The same with an error object of this status (400..599) and message.
  static Verdict fail(std::uint16_t status, std::string message) {
    Verdict verdict(Kind::fail);
    verdict.status_ = status;
    verdict.message_ = std::move(message);
    return verdict;
  }

  [[nodiscard]] bool is_next() const noexcept { return kind_ == Kind::next; }
  [[nodiscard]] bool is_fail() const noexcept { return kind_ == Kind::fail; }
  [[nodiscard]] std::uint16_t status() const noexcept { return status_; }
  [[nodiscard]] const std::string& message() const noexcept { return message_; }

 private:
  enum class Kind : std::uint8_t { next, done, fail };

  explicit Verdict(Kind kind) noexcept : kind_(kind) {}

  Kind kind_;
  std::uint16_t status_ = 0;
  std::string message_;
};

/// One layer around the handlers. `before` runs in the order of the list, `after` in reverse order and only
/// for the layers that the request reached. Either may be missing. All run on the worker's thread; all
/// workers may call them at once, so shared state must be thread-safe.
struct Middleware {
  std::string name;
  std::string reason;  ///< why it is at this place in the list
  std::function<Verdict(Request&, Response&)> before{};
  /// A coroutine in the place of `before`, for what takes time: to ask a database, for example. Request and
  /// response live as long as it runs. Requests that reach it are copied.
  std::function<Task<Verdict>(Request&, Response&)> before_later{};
  /// Sees the final status and body, and may add fields. Also runs for errors and for responses without a
  /// route; an error has lost the fields that `before` added, see Response::error.
  std::function<void(const Request&, Response&)> after{};
  /// Only in the router's list: adds fields to the response to a request that is refused before routing, for
  /// which `before` and `after` do not run. `origin` is the request's Origin, empty if there was none before
  /// the fault. Must not depend on anything else: without an origin the responses are made at the start.
  std::function<void(std::string_view origin, Response&)> on_refusal{};
  /// The errors that it responds with itself.
  std::vector<DeclaredError> errors{};
  /// Whether it wants a bearer token (RFC 6750).
  bool wants_token = false;
};

/// What scripts of which origins may do (Fetch standard, section 3.2).
struct CorsOptions {
  /// As browsers send them in Origin: `https://example.com`, with a port unless it is the scheme's default.
  /// `*`, which must be the only one, is every origin.
  std::vector<std::string> origins{"*"};
  /// Request fields that scripts may send, besides the few that need no permission.
  std::vector<std::string> fields{"Content-Type", "Authorization"};
  /// Response fields that scripts may read, besides the few that need no permission.
  std::vector<std::string> exposed_fields{};
  /// Whether requests may carry cookies and other credentials. Not with `*`: any page could act for the user.
  bool credentials = false;
  /// How long browsers may remember the response to a preflight.
  std::chrono::seconds max_age = std::chrono::hours(24);
};

namespace middleware {

/// Lets scripts of these origins, by default all, read every response, also to requests that are refused
/// before routing. Also completes the 204 to OPTIONS, which responds to preflights. Belongs in the router's
/// list: a group's middleware does not see OPTIONS. Throws std::invalid_argument for options that no browser
/// would understand, or that contradict each other.
Middleware cors(std::string reason, const CorsOptions& options = {});

/// `X-Request-Id` on every response: the client's if it has 1..128 letters, digits, `-`, `_` or `.`,
/// otherwise a new one. Handlers find it as the note "request-id". With `cors` in a layer around it, scripts
/// may send and read the field.
Middleware request_id(std::string reason);

/// A log line at info for every response: method, target, status, body size in bytes, latency in microseconds
/// until the response is complete, and the request id if there is one.
Middleware request_log(std::string reason);

}  // namespace middleware

}  // namespace chopin
