#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "chopin/config.hpp"
#include "chopin/log.hpp"
#include "chopin/router.hpp"

namespace chopin {

namespace log {
class OpenLog;
}
namespace server {
class Launcher;
class StopRequest;
}  // namespace server

/// The server: give it settings and routes and `run` it until a signal. Logs to stderr unless switched off;
/// each server has a log of its own.
///
///     chopin::Router router;
///     router.get("/hello/{name}", [](const chopin::Request& request, chopin::Response& response) {
///       response.text(request.param("name"));
///     });
///     chopin::Server({}, std::move(router)).run();
///
/// Thread safety: all but constructor, destructor and `end_process` from any thread; `run`, `start`, `wait`
///                and `stop` not from a handler or `on_ready`, for which they would have to wait.
/// Lifetime: owns settings, routes and log; its end ends every open connection.
/// Throws: std::runtime_error if it cannot listen, std::system_error if the kernel refuses a thread or a
///         descriptor, std::invalid_argument for a Config with a fault, std::logic_error for a call at the
///         wrong time, std::bad_alloc.
class Server {
 public:
  /// Opens the listening sockets: from now on clients can connect, and wait. From now on the server raises
  /// the process's soft limit of open files, up to the hard one, as workers and open connections need it.
  /// Throws std::invalid_argument with Config::fault, and std::runtime_error: "cannot listen on
  /// 127.0.0.1:3000: address already in use".
  ///
  /// `log_sink` takes the log's lines, which go to stderr if it is empty. No thread is started before `run`
  /// or `start`: until then the process may fork, and lines wait.
  Server(Config config, Router router, LogSink log_sink = {});
  /// Ends every connection that is still open. Waits for handlers that still run, and logs that it does.
  /// Writes the log's last lines, for at most a second. If one of its own handlers calls it, for example by
  /// `exit`, it cannot wait: connections are closed soon afterwards, and the memory is not freed.
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Getters.

  /// The port in use; the kernel's choice if the setting is 0.
  [[nodiscard]] std::uint16_t port() const noexcept;
  /// "127.0.0.1:3000", "[::1]:3000".
  [[nodiscard]] std::string address() const;
  [[nodiscard]] const Config& config() const noexcept;
  /// For lines outside of handlers; in one, `Request::log` is the same.
  [[nodiscard]] const Log& log() const noexcept;
  [[nodiscard]] const std::vector<FastRoute>& fast_routes() const noexcept;
  [[nodiscard]] std::size_t worker_count() const noexcept;
  /// What the process may hold, in bytes, and how many connections; see Config::max_memory.
  [[nodiscard]] std::uint64_t max_memory() const noexcept;
  [[nodiscard]] std::size_t max_connections() const noexcept;
  /// The CPU of each worker; empty if they are not pinned.
  [[nodiscard]] const std::vector<unsigned>& cpus() const noexcept;

  // Either `run` or `start`, and once: std::logic_error otherwise.

  /// Serves until SIGTERM, SIGINT, SIGQUIT, SIGHUP or `request_stop`, then finishes the requests in flight,
  /// for at most the drain timeout. A signal within a second of one that counted does not count. A second one
  /// that counts cuts the requests, and if handlers still run a second later, ends the process with _exit(1).
  ///
  /// SIGQUIT and SIGHUP stay as they are if they are ignored or the program handles them. SIGUSR1 and SIGUSR2
  /// do nothing meanwhile unless the program handles them; SIGPIPE does nothing from now on. Afterwards the
  /// other signals have their previous actions again.
  ///
  /// Returns false if handlers still run two seconds after the drain timeout; the log says which. See `stop`.
  bool run();
  /// The same, but calls `on_ready` instead of logging the address: on this thread, once the workers run
  /// and signals are handled. Lines that are logged before it returns are written then. An exception from
  /// it ends the server, and is rethrown.
  bool run(const std::function<void()>& on_ready);

  /// Serves on its own threads and returns, for programs with their own main loop. The threads have the
  /// caller's signal mask: a program that waits for signals with sigwait blocks them before. SIGPIPE does
  /// nothing from now on unless the program ignores or handles it.
  void start();

  /// Makes it stop accepting and finish the requests in flight within the drain timeout, and returns at once.
  /// Handlers may call it too. A request before `run` or `start` counts as soon as they serve.
  void request_stop() noexcept;
  /// Blocks until the stop that is or will be requested has ended, and returns true. A handler that runs
  /// cannot be ended from outside: if one still runs two seconds after the drain timeout, `wait` logs on
  /// which worker and returns false. The server's destructor then waits for it. Returns true, too, if `run`
  /// or `start` throws. Throws std::logic_error in a handler or `on_ready`, and before `run` or `start`.
  bool wait();
  /// `request_stop` and `wait`.
  bool stop();
  /// After `run` or `stop` has returned false: writes the log's last lines and ends the process with _exit,
  /// whatever handlers do. Destructors of static objects and functions of atexit are not called.
  [[noreturn]] void end_process(int status) noexcept;

 private:
  enum class State : std::uint8_t { ready, starting, started, running, ended };

  void begin(const char* call, State next);
  void require_begun(const char* call) const;
  void end_after_failure() noexcept;

  std::unique_ptr<log::OpenLog> log_;
  std::unique_ptr<server::Launcher> launcher_;
  std::unique_ptr<server::StopRequest> stop_request_;
  std::atomic<State> state_ = State::ready;
  std::mutex until_ended_;  // held by the thread that waits for the workers
  std::atomic<std::thread::id> thread_of_run_;
};

}  // namespace chopin
