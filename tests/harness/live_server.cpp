#include "harness/live_server.hpp"

#include <cstdlib>
#include <string_view>
#include <utility>

namespace chopin::test {

namespace {

bool is_off(const char* variable) {
  const char* const value = std::getenv(variable);
  return value != nullptr && std::string_view(value) == "off";
}

}  // namespace

Config test_config() {
  Config config;
  config.mode = Mode::performance;
  config.environment = Environment::production;
  config.port = 0;
  config.workers = 1;
  config.pin_cpus = false;
  config.backlog = 1024;
  config.head_memo = !is_off("HTTP_HEAD_MEMO");
  config.head_scanner = !is_off("HTTP_HEAD_SCANNER");
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

connection::Counters LiveServer::stop() {
  cut();
  return join();
}

}  // namespace chopin::test
