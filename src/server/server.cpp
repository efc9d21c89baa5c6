#include "chopin/server.hpp"

#include <cstdlib>
#include <stdexcept>
#include <thread>
#include <unistd.h>
#include <utility>

#include <fmt/core.h>

#include "log/writer.hpp"
#include "server/launcher.hpp"
#include "server/listening_sockets.hpp"
#include "server/signals.hpp"
#include "server/stop_request.hpp"
#include "server/stop_sequence.hpp"

namespace chopin {
namespace {

void log_address(const server::Launcher& launcher) {
  launcher.log().info("serving", {{"address", "http://" + server::to_string(launcher.endpoint())},
                                  {"workers", launcher.worker_count()}});
}

void log_end(server::Launcher& launcher) {
  if (!launcher.has_ended()) {
    connection::log_summary(launcher.log(), launcher.counters());
    launcher.log().error("handlers still run", {{"on", launcher.still_running()}});
    return;
  }
  connection::log_summary(launcher.log(), launcher.join());
}

}  // namespace

Server::Server(Config config, Router router, LogSink log_sink)
    : log_(std::make_unique<log::OpenLog>(config.least_logged(), config.log_format, std::move(log_sink))),
      launcher_(std::make_unique<server::Launcher>(std::move(config), std::move(router), log_->log())),
      stop_request_(std::make_unique<server::StopRequest>()) {}

/// `exit` in a handler, or one that destroys its own server. No thread can wait for itself, so what the
/// threads use is left to them. After `exit` the thread of `run` may still use this: the workers do not end
/// then.
Server::~Server() {
  if (!launcher_->runs_this_thread()) return;
  launcher_->log().warn("a handler has ended its own server, whose memory is not freed");
  if (state_ != State::running) launcher_->cut();
  [[maybe_unused]] const auto* const launcher = launcher_.release();
  [[maybe_unused]] const auto* const stop_request = stop_request_.release();
}

std::uint16_t Server::port() const noexcept {
  return launcher_->endpoint().port();
}

std::string Server::address() const {
  return server::to_string(launcher_->endpoint());
}

const Config& Server::config() const noexcept {
  return launcher_->config();
}

const Log& Server::log() const noexcept {
  return log_->log();
}

const std::vector<FastRoute>& Server::fast_routes() const noexcept {
  return launcher_->fast_routes();
}

std::uint64_t Server::max_memory() const noexcept {
  return launcher_->max_memory();
}

std::size_t Server::max_connections() const noexcept {
  return launcher_->max_connections();
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
  begin("run", State::running);
  const std::lock_guard lock(until_ended_);
  server::StopState state = server::StopState::serving;
  try {
    thread_of_run_ = std::this_thread::get_id();
    state = server::serve_until_signalled(*launcher_, *stop_request_, [&] {
      on_ready();
      log_->start();  // what has been logged so far comes after what `on_ready` prints
    });
  } catch (...) {
    end_after_failure();
    throw;
  }
  thread_of_run_ = std::thread::id();
  log_end(*launcher_);
  if (state == server::StopState::hurried) end_process(EXIT_FAILURE);
  stop_request_->make();  // a signal has stopped it: nobody shall wait for a request
  if (state == server::StopState::ended) state_ = State::ended;
  return state == server::StopState::ended;
}

void Server::start() {
  begin("start", State::starting);
  const std::lock_guard lock(until_ended_);
  log_address(*launcher_);
  try {
    log_->start();
    launcher_->start();
  } catch (...) {
    end_after_failure();
    throw;
  }
  state_ = State::started;
  if (stop_request_->is_made()) launcher_->drain();
}

/// A request that is made while `start` ends is seen here or there, or in both places. During `run` the
/// thread that waits for signals sees it.
void Server::request_stop() noexcept {
  stop_request_->make();
  if (state_ == State::started) launcher_->drain();
}

bool Server::wait() {
  require_begun("wait");
  stop_request_->wait();
  const std::lock_guard lock(until_ended_);
  if (state_ == State::ended) return true;
  const bool has_ended = server::stop(*launcher_);
  log_end(*launcher_);
  if (has_ended) state_ = State::ended;
  return has_ended;
}

bool Server::stop() {
  require_begun("stop");
  request_stop();
  return wait();
}

void Server::begin(const char* call, State next) {
  State expected = State::ready;
  if (!state_.compare_exchange_strong(expected, next)) {
    throw std::logic_error(fmt::format("Server::{}: it has been started before", call));
  }
}

/// Nobody shall wait for a request that will never be made.
void Server::end_after_failure() noexcept {
  thread_of_run_ = std::thread::id();
  state_ = State::ended;
  stop_request_->make();
}

void Server::require_begun(const char* call) const {
  if (launcher_->runs_this_thread()) {
    throw std::logic_error(fmt::format("Server::{}: it would wait for this handler; request_stop", call));
  }
  if (thread_of_run_.load() == std::this_thread::get_id()) {
    throw std::logic_error(fmt::format("Server::{}: it would wait for on_ready; request_stop", call));
  }
  if (state_ == State::ready) throw std::logic_error(fmt::format("Server::{}: it was not started", call));
}

void Server::end_process(int status) noexcept {
  log_->close();
  _exit(status);
}

}  // namespace chopin
