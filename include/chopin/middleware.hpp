#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>

#include "chopin/request.hpp"
#include "chopin/response.hpp"

namespace chopin {

/// What a middleware decides before the handler.
class Verdict {
 public:
  /// On to what comes behind.
  static Verdict next() { return Verdict(Kind::next); }
  /// The response is filled; nothing behind is asked.
  static Verdict done() { return Verdict(Kind::done); }
  /// An error object with this status (400..599) and message; nothing behind is asked.
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

/// One layer around the handlers. Requests pass `before` in the order of the list, answers pass `after` in
/// the opposite one, through the layers that the request has reached. Either may be missing. Both run on the
/// worker's thread and may be called by all workers at once: what they share must bear that.
struct Middleware {
  std::string name;
  std::string reason;  ///< why it stands at its place in the list
  std::function<Verdict(Request&, Response&)> before{};
  /// Sees the final status and body, and may add fields. Errors and answers without a route come by too;
  /// what `before` had added to them is gone, see Response::error.
  std::function<void(const Request&, Response&)> after{};
};

namespace middleware {

/// Lets scripts of every origin read every answer, and answers their preflights (Fetch standard, section
/// 3.2): `Access-Control-Allow-Origin: *`, and on the 204 to OPTIONS the methods, `Content-Type` and
/// `Authorization`, for a day. Belongs into the router's own list: a group's does not see OPTIONS.
Middleware cors(std::string reason);

/// `X-Request-Id` on every answer: the client's where it is 1..128 visible characters without separators
/// (letters, digits, `-`, `_`, `.`), one made here otherwise. Handlers find it as the note "request-id".
Middleware request_id(std::string reason);

/// A line in the log for every answer, at info: method, target, status, bytes of the body, latency until it
/// is complete, and the request id where there is one.
Middleware request_log(std::string reason);

}  // namespace middleware

}  // namespace chopin
