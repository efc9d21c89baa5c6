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

/// The server: give it settings and routes and `run` it until a signal. Logs to stderr unless switched off.
///
///     chopin::Router router;
///     router.get("/hello/{name}", [](const chopin::Request& request, chopin::Response& response) {
///       response.text(request.param("name"));
///     });
///     chopin::Server({}, std::move(router)).run();
///
/// Thread safety: the getters from any thread; the rest from one thread, never from a handler.
/// Lifetime: owns settings, routes and log; its end ends every open connection.
/// Throws: std::runtime_error if it cannot listen, std::system_error if the kernel refuses a thread or a
///         descriptor, std::bad_alloc.
class Server {
 public:
  /// Opens the listening sockets: from now on clients can connect, and wait. Raises the process's soft limit
  /// of open files to the hard one. Throws std::runtime_error:
  /// "cannot listen on 127.0.0.1:3000: address already in use".
  Server(Config config, Router router);
  /// Ends every connection that is still open.
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Getters, from any thread.

  /// The port in use; the kernel's choice if the setting is 0.
  [[nodiscard]] std::uint16_t port() const noexcept;
  /// "127.0.0.1:3000", "[::1]:3000".
  [[nodiscard]] std::string address() const;
  [[nodiscard]] const Config& config() const noexcept;
  [[nodiscard]] const std::vector<FastRoute>& fast_routes() const noexcept;
  [[nodiscard]] std::size_t worker_count() const noexcept;
  /// The CPU of each worker; empty if they are not pinned.
  [[nodiscard]] const std::vector<unsigned>& cpus() const noexcept;

  // Either `run`, or `start` and `stop`; once each, and not from a handler.

  /// Serves until SIGTERM or SIGINT, then finishes the requests in flight; a second signal cuts them.
  void run();
  /// The same, but calls `on_ready` instead of logging the address: on this thread, once the workers run
  /// and signals are handled.
  void run(const std::function<void()>& on_ready);

  /// Serves on its own threads and returns, for programs with their own main loop.
  void start();
  /// Stops accepting, finishes the requests in flight within the drain timeout, and then returns.
  void stop();

 private:
  std::unique_ptr<log::Log> log_;
  std::unique_ptr<server::Launcher> launcher_;
};

}  // namespace chopin
