#include "chopin/server.hpp"

#include <cstdlib>
#include <unistd.h>
#include <utility>

#include "log/log.hpp"
#include "server/launcher.hpp"
#include "server/listening_sockets.hpp"
#include "server/signals.hpp"
#include "server/stop_sequence.hpp"

namespace chopin {
namespace {

void log_address(const server::Launcher& launcher) {
  log::info("serving on http://{} with {} workers", server::to_string(launcher.endpoint()),
            launcher.worker_count());
}

void log_end(server::Launcher& launcher) {
  if (!launcher.has_ended()) {
    connection::log_summary(launcher.counters());
    log::error("handlers still run on {}", launcher.still_running());
    return;
  }
  connection::log_summary(launcher.join());
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

bool Server::run() {
  return run([this] { log_address(*launcher_); });
}

bool Server::run(const std::function<void()>& on_ready) {
  const server::StopState state = server::serve_until_signalled(*launcher_, on_ready);
  log_end(*launcher_);
  if (state == server::StopState::hurried) end_process(EXIT_FAILURE);
  return state == server::StopState::ended;
}

void Server::start() {
  log_address(*launcher_);
  launcher_->start();
}

bool Server::stop() {
  const bool has_ended = server::stop(*launcher_);
  log_end(*launcher_);
  return has_ended;
}

void Server::end_process(int status) noexcept {
  log_->finish();
  _exit(status);
}

}  // namespace chopin
