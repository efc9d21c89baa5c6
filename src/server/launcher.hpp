#pragma once

#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include <boost/asio/ip/tcp.hpp>

#include "chopin/config.hpp"
#include "chopin/router.hpp"
#include "connection/connection_limit.hpp"
#include "connection/counters.hpp"
#include "server/listening_sockets.hpp"
#include "server/worker.hpp"

namespace chopin::server {

/// Starts and stops the workers. All members are called on one thread.
class Launcher {
 public:
  /// Opens the listening sockets: from here on clients can connect, and wait. Throws ListenError.
  Launcher(Config config, Router router);
  /// Cuts what still runs.
  ~Launcher();
  Launcher(const Launcher&) = delete;
  Launcher& operator=(const Launcher&) = delete;

  /// The address in use, with the port the kernel has chosen where `config.port` is 0.
  [[nodiscard]] const boost::asio::ip::tcp::endpoint& endpoint() const noexcept { return opened_.endpoint; }
  [[nodiscard]] const Config& config() const noexcept { return config_; }
  [[nodiscard]] const std::vector<FastRoute>& fast_routes() const noexcept {
    return shared_routes_.routes.fast_routes();
  }
  [[nodiscard]] std::size_t worker_count() const noexcept { return worker_count_; }
  /// The CPU of each worker; empty where they are not pinned.
  [[nodiscard]] const std::vector<unsigned>& cpus() const noexcept { return cpus_; }

  /// Starts one thread per worker, which builds it. Returns when all are built and run. `on_stopped` is
  /// called on the last thread to end. Throws std::system_error where a worker cannot be built or its thread
  /// started.
  void start(std::function<void()> on_stopped = [] {});
  /// Stops accepting and finishes what is in flight, for at most the drain timeout.
  void drain();
  /// Ends every connection now.
  void cut();
  /// Waits until the workers have ended, and adds up what they counted.
  connection::Counters join();
  /// What all workers have counted so far; between `start` and the end of this, from any thread.
  [[nodiscard]] connection::Counters counters() const;

 private:
  struct Start;

  void run_worker(std::size_t index, Start& start);
  void listen(std::size_t index);
  void deal(connection::Connection connection);
  void post_to_all(Command command) const;
  void join_threads();

  Config config_;
  connection::SharedRoutes shared_routes_;
  connection::ConnectionLimit connections_;
  const std::size_t worker_count_;
  ListeningSockets opened_;  // the sockets go to the workers
  std::vector<std::unique_ptr<Worker>> workers_;
  std::size_t next_dealt_to_ = 0;
  std::vector<unsigned> cpus_;
  std::vector<std::thread> threads_;
};

}  // namespace chopin::server
