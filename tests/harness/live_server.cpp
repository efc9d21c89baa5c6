#include "harness/live_server.hpp"

namespace chopin::test {

Config test_config() {
  Config config;
  config.port = 0;
  config.workers = 1;
  config.pin_cpus = false;
  config.backlog = 1024;
  return config;
}

LiveServer::LiveServer(const Config& config, const FastRouteTable& routes)
    : launcher_(std::make_unique<server::Launcher>(config, routes)) {
  launcher_->start();
}

server::Counters LiveServer::stop() {
  cut();
  return join();
}

}  // namespace chopin::test
