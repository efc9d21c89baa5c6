#include "server/launcher.hpp"

#include <atomic>
#include <cstddef>
#include <exception>
#include <future>
#include <latch>
#include <mutex>
#include <stdexcept>
#include <utility>

#include <fmt/core.h>

#include "log/log.hpp"
#include "system/cpus.hpp"
#include "system/open_files.hpp"
#include "system/signals_blocked.hpp"
#include "system/thread_name.hpp"

namespace chopin::server {
namespace {

/// How many connections may be open: the setting, or what the limit of open files allows.
std::size_t connections_of(const Config& config) {
  system::raise_open_file_limit();
  const std::size_t possible = system::connections_for_open_files(system::worker_count_of(config));
  if (config.max_connections == 0) return possible;
  if (config.max_connections > possible) {
    log::warn("{} connections may be open, but the limit of open files allows only {}: ulimit -n",
              config.max_connections, possible);
  }
  return config.max_connections;
}

}  // namespace

Launcher::Launcher(Config config, Router router)
    : config_(std::move(config)),
      shared_routes_(std::move(router), config_),
      connections_(connections_of(config_), [this] { post_to_all(Command::resume); }),
      worker_count_(system::worker_count_of(config_)),
      opened_(open_listening_sockets(config_, config_.mode == Mode::standard ? 1 : worker_count_)),
      cpus_(system::cpus_of_workers(config_, worker_count_, system::allowed_cpus(), system::cpu_quota())) {}

Launcher::~Launcher() {
  if (!threads_.empty()) {
    cut();
    join();
  }
  for (const auto& worker : workers_) worker->cut();
}

/// Shared by `start` and the workers' threads: no worker runs before all are built.
struct Launcher::Start {
  explicit Start(std::size_t workers) : running(workers), built(static_cast<std::ptrdiff_t>(workers)) {}

  std::atomic<std::size_t> running;
  std::function<void()> on_stopped;
  std::latch built;
  std::promise<bool> all_are_built;
  std::shared_future<bool> may_run{all_are_built.get_future()};
  std::mutex mutex;
  std::exception_ptr failure;  // under mutex until all are built: the first

  void fail(std::exception_ptr error) {
    const std::lock_guard lock(mutex);
    if (failure == nullptr) failure = std::move(error);
  }
};

void Launcher::start(std::function<void()> on_stopped) {
  const system::SignalsBlocked blocked;
  const auto start = std::make_shared<Start>(worker_count_);
  start->on_stopped = std::move(on_stopped);
  workers_.resize(worker_count_);
  for (std::size_t i = 0; i < worker_count_; ++i) {
    try {
      threads_.emplace_back([this, i, start] { run_worker(i, *start); });
    } catch (const std::exception& error) {
      start->fail(std::make_exception_ptr(
          std::runtime_error(fmt::format("cannot start the thread of worker {}: {}", i + 1, error.what()))));
      start->built.count_down(static_cast<std::ptrdiff_t>(worker_count_ - i));
      break;
    }
  }
  start->built.wait();
  start->all_are_built.set_value(start->failure == nullptr);
  if (start->failure == nullptr) return;
  join_threads();
  std::erase(workers_, nullptr);
  for (const auto& worker : workers_) worker->cut();  // each speaks to all others in its end
  workers_.clear();
  std::rethrow_exception(start->failure);
}

/// Runs on the worker's thread: builds the worker, and runs it once all are built.
void Launcher::run_worker(std::size_t index, Start& start) {
  system::name_this_thread(fmt::format("worker {}", index + 1));
  if (!cpus_.empty() && !system::pin_this_thread(cpus_[index])) {
    log::warn("worker {} cannot be pinned to CPU {}", index + 1, cpus_[index]);
  }
  try {
    workers_[index] = std::make_unique<Worker>(config_, shared_routes_, connections_);
    listen(index);
  } catch (...) {
    start.fail(std::current_exception());
  }
  start.built.count_down();
  if (!start.may_run.get()) return;
  workers_[index]->run();
  if (start.running.fetch_sub(1) == 1) start.on_stopped();
}

/// In standard mode the first worker accepts for all. The others drain only after it has dealt the last
/// connection, so that none reaches a worker that has ended.
void Launcher::listen(std::size_t index) {
  if (index >= opened_.sockets.size()) return;
  Worker& worker = *workers_[index];
  if (config_.mode == Mode::performance) return worker.listen(std::move(opened_.sockets[index]));
  worker.listen(
      std::move(opened_.sockets.front()),
      [this](connection::Connection connection) { deal(std::move(connection)); },
      [this] {
        for (std::size_t i = 1; i < workers_.size(); ++i) workers_[i]->post(Command::drain);
      });
}

/// Runs on the first worker's thread. Deals connections to the workers in turn.
void Launcher::deal(connection::Connection connection) {
  const std::size_t chosen = next_dealt_to_;
  next_dealt_to_ = (chosen + 1) % workers_.size();
  if (chosen == 0) return workers_[0]->serve(std::move(connection));
  workers_[chosen]->post(std::move(connection));
}

void Launcher::drain() {
  if (config_.mode == Mode::standard && !workers_.empty()) return workers_.front()->post(Command::drain);
  post_to_all(Command::drain);
}

void Launcher::cut() {
  post_to_all(Command::cut);
}

void Launcher::post_to_all(Command command) const {
  for (const auto& worker : workers_) worker->post(command);
}

connection::Counters Launcher::join() {
  join_threads();
  return counters();
}

void Launcher::join_threads() {
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

connection::Counters Launcher::counters() const {
  connection::Counters total;
  for (const auto& worker : workers_) total += worker->counters();
  return total;
}

}  // namespace chopin::server
