#include "server/launcher.hpp"

#include <atomic>
#include <cstddef>
#include <optional>
#include <system_error>
#include <utility>

#include <fmt/core.h>

#include "log/log.hpp"
#include "server/listening_sockets.hpp"
#include "system/cpus.hpp"
#include "system/open_files.hpp"
#include "system/signals_blocked.hpp"

namespace chopin::server {
namespace {

/// As many as may be open, by the setting or by the limit of open files.
std::size_t connections_of(const Config& config) {
  system::raise_open_file_limit();
  const std::size_t possible = system::connections_for_open_files(system::worker_count_of(config));
  if (config.max_connections == 0) return possible;
  if (config.max_connections > possible) {
    log::warn("of {} connections that may be open the limit of open files leaves {}: ulimit -n",
              config.max_connections, possible);
  }
  return config.max_connections;
}

}  // namespace

Launcher::Launcher(Config config, Router router)
    : config_(std::move(config)),
      shared_routes_(std::move(router), config_),
      connections_(connections_of(config_), [this] { post_to_all(Command::resume); }) {
  const std::size_t count = system::worker_count_of(config_);
  for (std::size_t i = 0; i < count; ++i) {
    workers_.push_back(std::make_unique<Worker>(config_, shared_routes_, connections_));
  }
  if (config_.mode == Mode::standard) {
    listen_on_the_first();
  } else {
    listen_on_every_worker();
  }
  if (!config_.pins_cpus()) return;
  const std::vector<unsigned> allowed = system::allowed_cpus();
  for (std::size_t i = 0; i < count; ++i) cpus_.push_back(allowed[i % allowed.size()]);
}

Launcher::~Launcher() {
  if (!threads_.empty()) {
    cut();
    join();
  }
  for (const auto& worker : workers_) worker->cut();
}

void Launcher::listen_on_every_worker() {
  ListeningSockets opened = open_listening_sockets(config_, workers_.size());
  endpoint_ = opened.endpoint;
  for (std::size_t i = 0; i < workers_.size(); ++i) workers_[i]->listen(std::move(opened.sockets[i]));
}

/// The others are told to drain when the last connection has been dealt, so that none comes after that.
void Launcher::listen_on_the_first() {
  Worker& first = *workers_.front();
  ListeningSockets opened = open_listening_sockets(config_, 1);
  endpoint_ = opened.endpoint;
  first.listen(
      std::move(opened.sockets.front()),
      [this](connection::Connection connection) { deal(std::move(connection)); },
      [this] {
        for (std::size_t i = 1; i < workers_.size(); ++i) workers_[i]->post(Command::drain);
      });
}

/// On the first worker's thread: to each worker in turn.
void Launcher::deal(connection::Connection connection) {
  const std::size_t chosen = next_dealt_to_;
  next_dealt_to_ = (chosen + 1) % workers_.size();
  if (chosen == 0) return workers_[0]->serve(std::move(connection));
  workers_[chosen]->post(std::move(connection));
}

void Launcher::start(std::function<void()> on_stopped) {
  struct Ending {
    std::atomic<std::size_t> running;
    std::function<void()> on_stopped;
  };
  const system::SignalsBlocked blocked;
  const auto ending = std::make_shared<Ending>(workers_.size(), std::move(on_stopped));
  for (std::size_t i = 0; i < workers_.size(); ++i) {
    const auto cpu = cpus_.empty() ? std::nullopt : std::optional(cpus_[i]);
    try {
      threads_.emplace_back([worker = workers_[i].get(), cpu, ending] {
        worker->run(cpu);
        if (ending->running.fetch_sub(1) == 1) ending->on_stopped();
      });
    } catch (const std::system_error& error) {
      throw std::system_error(error.code(), fmt::format("cannot start the thread of worker {}", i + 1));
    }
  }
}

void Launcher::drain() {
  if (config_.mode == Mode::standard) return workers_.front()->post(Command::drain);
  post_to_all(Command::drain);
}

void Launcher::cut() {
  post_to_all(Command::cut);
}

void Launcher::post_to_all(Command command) const {
  for (const auto& worker : workers_) worker->post(command);
}

connection::Counters Launcher::join() {
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
  connection::Counters total;
  for (const auto& worker : workers_) total += worker->counters();
  return total;
}

}  // namespace chopin::server
