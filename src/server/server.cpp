#include "chopin/server.hpp"

#include <utility>

#include "log/log.hpp"
#include "server/launcher.hpp"
#include "server/signals.hpp"

namespace chopin {

Server::Server(Config config, Router router)
    : launcher_(std::make_unique<server::Launcher>(std::move(config), std::move(router))) {}

Server::~Server() = default;

std::uint16_t Server::port() const noexcept {
  return launcher_->endpoint().port();
}

void Server::run() {
  const Config& config = launcher_->config();
  const log::Log log(config.least_logged(), config.log_format);
  server::serve_until_signalled(*launcher_);
}

void Server::start() {
  launcher_->start();
}

void Server::stop() {
  launcher_->drain();
  launcher_->join();
}

}  // namespace chopin
