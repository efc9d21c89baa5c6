#pragma once

#include <cstdint>
#include <memory>

#include "app/routes.hpp"
#include "chopin/config.hpp"
#include "chopin/fast_route.hpp"
#include "chopin/router.hpp"
#include "connection/counters.hpp"
#include "server/launcher.hpp"

namespace chopin::test {

/// The settings that tests start from: performance mode, production (no request log), a port chosen by the
/// kernel, one worker, no pinning. HTTP_HEAD_MEMO and HTTP_HEAD_SCANNER are taken from the environment.
Config test_config();

/// A router with this one route.
Router only(FastRoute route);

/// A server in this process, on its own port.
class LiveServer {
 public:
  /// The benchmark server.
  explicit LiveServer(const Config& config = test_config());
  LiveServer(const Config& config, Router router);

  [[nodiscard]] std::uint16_t port() const noexcept { return launcher_->endpoint().port(); }
  void drain() { launcher_->drain(); }
  void cut() { launcher_->cut(); }
  /// Waits until the server has ended after `drain` or `cut`.
  connection::Counters join() { return launcher_->join(); }
  /// What has been counted so far.
  [[nodiscard]] connection::Counters counters() const { return launcher_->counters(); }
  /// Ends what is open and says what was counted.
  connection::Counters stop();

 private:
  std::unique_ptr<server::Launcher> launcher_;
};

}  // namespace chopin::test
