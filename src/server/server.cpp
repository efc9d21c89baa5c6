#include "chopin/server.hpp"

#include <utility>

#include "log/log.hpp"
#include "server/launcher.hpp"
#include "server/signals.hpp"

namespace chopin {

class Server::Running {
 public:
  Running(Config config, Router router) : launcher(std::move(config), std::move(router)) {}

  server::Launcher launcher;
};

Server::Server(Config config, Router router)
    : running_(std::make_unique<Running>(std::move(config), std::move(router))) {}

Server::~Server() = default;

std::uint16_t Server::port() const noexcept {
  return running_->launcher.endpoint().port();
}

void Server::run() {
  const Config& config = running_->launcher.config();
  const log::Log log(config.least_logged(), config.log_format);
  server::serve_until_signalled(running_->launcher);
}

void Server::start() {
  running_->launcher.start();
}

void Server::stop() {
  running_->launcher.drain();
  running_->launcher.join();
}

}  // namespace chopin
