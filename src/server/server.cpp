#include "chopin/server.hpp"

#include <utility>

#include "log/log.hpp"
#include "server/launcher.hpp"
#include "server/listening_sockets.hpp"
#include "server/signals.hpp"

namespace chopin {
namespace {

void log_address(const server::Launcher& launcher) {
  log::info("serving on http://{} with {} workers", server::to_string(launcher.endpoint()),
            launcher.worker_count());
}

}  // namespace

Server::Server(Config config, Router router)
    : log_(std::make_unique<log::Log>(config.least_logged(), config.log_format)),
      launcher_(std::make_unique<server::Launcher>(std::move(config), std::move(router))) {}

Server::~Server() = default;

std::uint16_t Server::port() const noexcept {
  return launcher_->endpoint().port();
}

std::string Server::address() const {
  return server::to_string(launcher_->endpoint());
}

const Config& Server::config() const noexcept {
  return launcher_->config();
}

const std::vector<FastRoute>& Server::fast_routes() const noexcept {
  return launcher_->fast_routes();
}

std::size_t Server::worker_count() const noexcept {
  return launcher_->worker_count();
}

const std::vector<unsigned>& Server::cpus() const noexcept {
  return launcher_->cpus();
}

void Server::run() {
  run([this] { log_address(*launcher_); });
}

void Server::run(const std::function<void()>& on_ready) {
  server::serve_until_signalled(*launcher_, on_ready);
}

void Server::start() {
  log_address(*launcher_);
  launcher_->start();
}

void Server::stop() {
  launcher_->drain();
  connection::log_summary(launcher_->join());
}

}  // namespace chopin
