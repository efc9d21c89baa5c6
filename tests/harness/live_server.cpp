#include "harness/live_server.hpp"

#include <utility>

namespace chopin::test {

Config test_config() {
  Config config;
  config.mode = Mode::performance;
  config.environment = Environment::production;
  config.port = 0;
  config.workers = 1;
  config.pin_cpus = false;
  config.backlog = 1024;
  return config;
}

Router only(FastRoute route) {
  Router router;
  router.fast(std::move(route));
  return router;
}

LiveServer::LiveServer(const Config& config) : LiveServer(config, app::benchmark_server(config)) {}

LiveServer::LiveServer(const Config& config, Router router)
    : launcher_(std::make_unique<server::Launcher>(config, std::move(router))) {
  launcher_->start();
}

server::Counters LiveServer::stop() {
  cut();
  return join();
}

}  // namespace chopin::test
