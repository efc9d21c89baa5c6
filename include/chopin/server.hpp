#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "chopin/config.hpp"
#include "chopin/router.hpp"

namespace chopin {

namespace log {
class Log;
}
namespace server {
class Launcher;
}

/// The server as a library: settings and routes in, `run` until a signal. Logs to stderr, unless the settings
/// say `LogLevel::off`.
///
///     chopin::Router router;
///     router.get("/hello/{name}", [](const chopin::Request& request, chopin::Response& response) {
///       response.text(request.param("name"));
///     });
///     chopin::Server({}, std::move(router)).run();
class Server {
 public:
  /// Opens the listening sockets: from here on clients can connect, and wait. Raises the process's soft limit
  /// of open files to the hard one. Throws std::runtime_error:
  /// "cannot listen on 127.0.0.1:3000: address already in use".
  Server(Config config, Router router);
  /// Ends every connection that is still open.
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // What it runs with; from any thread.

  /// The port in use, the kernel's choice where the setting is 0.
  [[nodiscard]] std::uint16_t port() const noexcept;
  /// "127.0.0.1:3000", "[::1]:3000".
  [[nodiscard]] std::string address() const;
  [[nodiscard]] const Config& config() const noexcept;
  [[nodiscard]] const std::vector<FastRoute>& fast_routes() const noexcept;
  [[nodiscard]] std::size_t worker_count() const noexcept;
  /// The CPU of each worker; empty where they are not pinned.
  [[nodiscard]] const std::vector<unsigned>& cpus() const noexcept;

  // Either `run`, or `start` and `stop`; once each, and not from a handler.

  /// Serves until SIGTERM or SIGINT, then finishes what is in flight; a second signal cuts it.
  void run();
  /// The same. `on_ready` is called on this thread once signals are handled, before the first connection is
  /// accepted, instead of the line in the log that names the address.
  void run(const std::function<void()>& on_ready);

  /// Serves on threads of its own, for programs with a main loop of theirs.
  void start();
  /// Accepts no more and finishes what is in flight, for at most the drain timeout; returns when that is
  /// done.
  void stop();

 private:
  std::unique_ptr<log::Log> log_;
  std::unique_ptr<server::Launcher> launcher_;
};

}  // namespace chopin
