#pragma once

#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include <boost/asio/ip/tcp.hpp>

#include "chopin/config.hpp"
#include "chopin/fast_route.hpp"
#include "http/canned_response.hpp"
#include "routing/fast_route_index.hpp"
#include "server/counters.hpp"
#include "server/worker.hpp"

namespace chopin::server {

/// Starts and stops the workers. All members are called on one thread.
class Launcher {
 public:
  /// Opens the listening sockets: from here on clients can connect, and wait. Throws ListenError.
  Launcher(Config config, const FastRouteTable& routes);
  /// Cuts what still runs.
  ~Launcher();
  Launcher(const Launcher&) = delete;
  Launcher& operator=(const Launcher&) = delete;

  /// The address in use, with the port the kernel has chosen where `config.port` is 0.
  [[nodiscard]] const boost::asio::ip::tcp::endpoint& endpoint() const noexcept { return endpoint_; }
  [[nodiscard]] std::size_t worker_count() const noexcept { return workers_.size(); }
  /// The CPU of each worker; empty where they are not pinned.
  [[nodiscard]] const std::vector<unsigned>& cpus() const noexcept { return cpus_; }

  /// Starts one thread per worker. `on_stopped` is called on the last one to end.
  void start(std::function<void()> on_stopped = [] {});
  /// Stops accepting and finishes what is in flight, for at most the drain timeout.
  void drain();
  /// Ends every connection now.
  void cut();
  /// Waits until the workers have ended, and adds up what they counted.
  Counters join();

 private:
  void post(Command command);

  Config config_;
  http::CannedResponses responses_;
  routing::FastRouteIndex routes_;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::vector<unsigned> cpus_;
  boost::asio::ip::tcp::endpoint endpoint_;
  std::vector<std::thread> threads_;
};

}  // namespace chopin::server
