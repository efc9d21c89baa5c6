#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <boost/asio/ip/tcp.hpp>

#include "chopin/config.hpp"
#include "chopin/log.hpp"
#include "chopin/router.hpp"
#include "connection/connection_limit.hpp"
#include "connection/counters.hpp"
#include "server/acceptor.hpp"
#include "server/listening_sockets.hpp"
#include "server/metrics.hpp"
#include "server/shared_port.hpp"
#include "server/worker.hpp"

namespace chopin::server {

/// Starts and stops the workers.
///
/// Thread safety: `counters` from any thread, and `drain` and `cut` once `start` has returned; all other
/// members on one thread.
/// Lifetime: owns the workers and their threads.
/// Throws: the constructor and `start`.
class Launcher {
 public:
  /// Opens the listening sockets: from now on clients can connect, and wait for `start`. Throws ListenError,
  /// and std::invalid_argument for a Config with a fault.
  Launcher(Config config, Router router, Log log = {});
  /// Cuts the workers that still run. Waits for their handlers, and says so if that takes long.
  ~Launcher();
  Launcher(const Launcher&) = delete;
  Launcher& operator=(const Launcher&) = delete;

  /// The address in use, with the port that the kernel has chosen if `config.port` is 0.
  [[nodiscard]] const boost::asio::ip::tcp::endpoint& endpoint() const noexcept { return opened_.endpoint; }
  [[nodiscard]] const Config& config() const noexcept { return config_; }
  [[nodiscard]] const std::vector<FastRoute>& fast_routes() const noexcept {
    return shared_routes_.routes.fast_routes();
  }
  /// What the process and its connections may hold, in bytes, and how many connections.
  [[nodiscard]] std::uint64_t max_memory() const noexcept { return connections_.memory().most(); }
  [[nodiscard]] std::size_t max_connections() const noexcept { return connections_.most(); }
  [[nodiscard]] std::size_t worker_count() const noexcept { return worker_count_; }
  [[nodiscard]] const Log& log() const noexcept { return log_; }
  /// The CPU of each worker; empty if they are not pinned.
  [[nodiscard]] const std::vector<unsigned>& cpus() const noexcept { return cpus_; }

  /// Starts one thread per worker, named "worker N", which builds the worker and runs it, and in standard
  /// mode the acceptor's. Returns when all are built. The threads have the caller's signal mask. `on_stopped`
  /// is called on the last worker's thread to end, and may outlive the caller. Throws std::system_error,
  /// std::bad_alloc if a worker cannot be built or its thread cannot be started.
  void start(std::function<void()> on_stopped = [] {});
  /// Stops accepting and finishes the requests in flight, for at most the drain timeout.
  void drain() noexcept;
  /// Some time after `drain`: stops listening in the place of workers that have not heard of it, because
  /// handlers block them.
  void abandon_listening() noexcept;
  /// Ends every connection now.
  void cut() noexcept;
  /// Whether the calling thread is one of its workers. From any thread.
  [[nodiscard]] bool runs_this_thread() const noexcept;
  /// Whether the thread of every worker has ended, or none was started.
  [[nodiscard]] bool has_ended() const noexcept;
  /// Waits until then at most. Returns `has_ended`.
  bool wait_until(std::chrono::steady_clock::time_point time) const noexcept;
  /// "worker 2, worker 5": those that still run.
  [[nodiscard]] std::string still_running() const;
  /// Waits until the workers have ended. Returns the sum of their counters.
  connection::Counters join();
  /// The sum of the workers' counters so far. From any thread, once `start` has returned.
  [[nodiscard]] connection::Counters counters() const;

 private:
  struct Start;

  [[nodiscard]] Router with_own_routes(Router router) const;
  [[nodiscard]] Metrics metrics() const;
  void run_worker(std::size_t index, Start& start);
  void listen(std::size_t index);
  void make_acceptor();
  void run_acceptor(Start& start);
  void adopt(system::Descriptor socket);
  void stop(Command command) noexcept;
  void resume_accepting() noexcept;
  void ask_for_room() noexcept;
  void post_to_all(Command command) const noexcept;
  void join_threads();

  const Log log_;
  Config config_;
  connection::SharedRoutes shared_routes_;
  connection::ConnectionLimit connections_;
  const std::size_t worker_count_;
  std::unique_ptr<SharedPort> shared_port_;  // null: the port is not shared
  ListeningSockets opened_;                  // `start` moves the sockets to those that accept
  std::unique_ptr<Acceptor> acceptor_;       // in standard mode, from `start` on
  std::vector<std::unique_ptr<Worker>> workers_;
  std::size_t next_adopter_ = 0;
  std::vector<unsigned> cpus_;
  std::vector<std::thread> threads_;
  std::mutex stopping_;
  mutable std::mutex running_mutex_;
  mutable std::condition_variable running_changed_;
  std::vector<std::size_t> running_;  // under running_mutex_: the indices of the workers that run
};

}  // namespace chopin::server
