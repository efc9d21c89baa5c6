#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "chopin/config.hpp"
#include "chopin/log.hpp"
#include "chopin/method.hpp"
#include "chopin/router.hpp"
#include "chopin/text_argument.hpp"

namespace chopin {

/// Sends requests to the routes of a Router without a socket and without threads, for tests of routes.
///
///     chopin::LocalClient client(std::move(router));
///     const auto received = client.send({.method = chopin::Method::put, .target = "/items/7",
///         .fields = {{"Content-Type", "application/json"}}, .body = "{}"});
///     EXPECT_EQ(received.status, 422);
///
/// Target, middleware, handlers, exceptions, later handlers and their coroutines are treated as in a Server.
/// As with `ENVIRONMENT=test`, a response that its route does not declare becomes a 500 that says what is
/// wrong; Router::document is served. It does not do what a Server does before that: check fields and limits,
/// and refuse requests.
///
/// Thread safety: one thread at a time.
/// Lifetime: owns the routes. Responders that are left at its end are dropped without a response.
/// Throws: as said at `send`; the constructor std::system_error if the kernel refuses a descriptor.
class LocalClient {
 public:
  using Fields = std::vector<std::pair<std::string, std::string>>;

  /// A request.
  struct Sent {
    Method method = Method::get;
    std::string target = "/";  ///< as in a request line: "/items/a%20b?all=1"
    Fields fields{};
    std::string body{};  ///< for a handler, and not of GET or HEAD
  };

  /// Its response.
  struct Received {
    std::uint16_t status = 0;
    Fields fields;     ///< Content-Type and those of handler and middleware
    std::string body;  ///< empty in response to HEAD

    /// The first value of a field, empty if there is none; the name's case does not matter.
    [[nodiscard]] std::string_view field(TextArgument name) const noexcept;
  };

  /// In performance mode fast routes pass no middleware. `log_sink` gets all log lines when the client is
  /// destroyed; without it nothing is logged.
  explicit LocalClient(Router router, Mode mode = Mode::standard, LogSink log_sink = {});
  ~LocalClient();
  LocalClient(const LocalClient&) = delete;
  LocalClient& operator=(const LocalClient&) = delete;

  /// Returns when the handler has responded. Throws std::runtime_error if one that responds later has not
  /// done so within `patience`.
  Received send(const Sent& request, std::chrono::milliseconds patience = std::chrono::seconds(10));
  Received get(std::string target) { return send({.target = std::move(target)}); }

 private:
  class Worker;

  std::unique_ptr<Worker> worker_;
};

}  // namespace chopin
