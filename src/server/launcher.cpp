#include "server/launcher.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <future>
#include <latch>
#include <mutex>
#include <stdexcept>
#include <utility>

#include <fmt/core.h>

#include "system/children.hpp"
#include "system/cpus.hpp"
#include "system/memory.hpp"
#include "system/open_files.hpp"
#include "system/stop_signals.hpp"
#include "system/thread_name.hpp"

namespace chopin::server {
namespace {

using Sockets = std::vector<system::Descriptor>;

/// The launcher whose worker runs on this thread.
thread_local const Launcher* own_launcher = nullptr;  // NOLINT(*-avoid-non-const-global-variables)

Config accepted(Config config) {
  const std::string fault = config.fault();
  if (!fault.empty()) throw std::invalid_argument("Config: " + fault);
  return config;
}

connection::MemoryBudget::Settings memory_of(const Config& config) {
  return {.most = system::max_memory_of(config), .workers = system::worker_count_of(config)};
}

/// How many connections may be open: the setting, or what the limit of open files and the memory allow.
/// Raises the soft limit as far as the workers need it, which is why it comes before their sockets are
/// opened.
std::size_t connections_of(const Config& config, const Log& log) {
  const std::size_t workers = system::worker_count_of(config);
  system::note_open_file_limit();
  system::make_room_for(system::files_of_workers(workers));
  const std::size_t by_files = system::connections_for_open_files(workers);
  const std::size_t by_memory = memory_of(config).most / connection::MemoryBudget::least_for_a_connection;
  if (config.max_connections == 0) return std::min(by_files, by_memory);
  if (config.max_connections > by_files) {
    log.warn("the limit of open files allows fewer connections than may be open: ulimit -n",
             {{"max_connections", config.max_connections}, {"possible", by_files}});
  }
  if (config.max_connections > by_memory) {
    log.warn("the memory allows fewer connections than may be open: --max-memory",
             {{"max_connections", config.max_connections}, {"possible", by_memory}});
  }
  return config.max_connections;
}

std::unique_ptr<SharedPort> share_port(const Config& config, const Log& log) {
  if (!config.share_port || config.port == 0) return nullptr;
  return std::make_unique<SharedPort>(addresses_of(config), log);
}

}  // namespace

Launcher::Launcher(Config config, Router router, Log log)
    : log_(std::move(log)),
      config_(accepted(std::move(config))),
      shared_routes_(with_own_routes(std::move(router)), config_),
      connections_(
          connections_of(config_, log_), [this] { resume_accepting(); }, [this] { ask_for_room(); },
          memory_of(config_)),
      worker_count_(system::worker_count_of(config_)),
      shared_port_(share_port(config_, log_)),
      opened_(open_listening_sockets(config_, config_.mode == Mode::standard ? 1 : worker_count_,
                                     shared_port_ ? shared_port_->take_over() : Sockets(), log_)),
      cpus_(system::cpus_of_workers(config_, worker_count_, system::allowed_cpus(), system::cpu_quota())) {
  system::restore_children_after_fork();
  if (shared_port_) shared_port_->keep(opened_.sockets);
}

Launcher::~Launcher() {
  if (!threads_.empty()) {
    constexpr std::chrono::milliseconds for_the_cut{500};
    cut();
    const bool waits = !wait_until(std::chrono::steady_clock::now() + for_the_cut);
    if (waits) log_.warn("the server waits for handlers that still run", {{"on", still_running()}});
    join_threads();
    if (waits) log_.info("the last handler has returned");
  }
  for (const auto& worker : workers_) worker->cut();
}

Router Launcher::with_own_routes(Router router) const {
  if (!config_.metrics) return router;
  return with_metrics(std::move(router), [this] { return metrics(); });
}

/// On the thread of a worker, and so after all are built.
Metrics Launcher::metrics() const {
  return {.counters = counters(),
          .open_connections = connections_.open(),
          .max_connections = connections_.most(),
          .used_memory = connections_.memory().used(),
          .max_memory = connections_.memory().most()};
}

/// Shared by `start` and the workers' threads: no worker runs before all are built.
struct Launcher::Start {
  explicit Start(std::size_t workers) : built(static_cast<std::ptrdiff_t>(workers)) {}

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
  system::disarm_sigpipe();
  if (config_.mode == Mode::standard) make_acceptor();
  const auto start = std::make_shared<Start>(worker_count_);
  start->on_stopped = std::move(on_stopped);
  workers_.resize(worker_count_);
  running_.reserve(worker_count_);
  std::size_t started = 0;
  try {
    for (; started < worker_count_; ++started) {
      threads_.emplace_back([this, started, start] { run_worker(started, *start); });
    }
    if (acceptor_) threads_.emplace_back([this, start] { run_acceptor(*start); });
  } catch (const std::exception& error) {
    start->fail(std::make_exception_ptr(
        std::runtime_error(fmt::format("cannot start thread {} of {}: {}", started + 1,
                                       worker_count_ + (acceptor_ ? 1 : 0), error.what()))));
    start->built.count_down(static_cast<std::ptrdiff_t>(worker_count_ - started));
  }
  start->built.wait();
  if (start->failure == nullptr) {
    for (std::size_t i = 0; i < worker_count_; ++i) running_.push_back(i);
  }
  start->all_are_built.set_value(start->failure == nullptr);
  if (start->failure == nullptr) {
    if (shared_port_) shared_port_->join([this](system::Descriptor socket) { adopt(std::move(socket)); });
    return;
  }
  join_threads();
  std::erase(workers_, nullptr);
  for (const auto& worker : workers_) worker->cut();  // each speaks to all others in its end
  workers_.clear();
  std::rethrow_exception(start->failure);
}

/// Runs on the worker's thread: builds the worker, and runs it once all are built.
void Launcher::run_worker(std::size_t index, Start& start) {
  own_launcher = this;
  system::name_this_thread(fmt::format("worker {}", index + 1));
  if (!cpus_.empty() && !system::pin_this_thread(cpus_[index])) {
    log_.warn("a worker cannot be pinned to its CPU", {{"worker", index + 1}, {"cpu", cpus_[index]}});
  }
  try {
    workers_[index] = std::make_unique<Worker>(config_, shared_routes_, connections_,
                                               Worker::Place{index, worker_count_}, log_);
    if (!acceptor_) listen(index);
  } catch (...) {
    start.fail(std::current_exception());
  }
  start.built.count_down();
  if (!start.may_run.get()) return;
  workers_[index]->serve_all();
  const std::lock_guard lock(running_mutex_);
  std::erase(running_, index);
  running_changed_.notify_all();
  if (running_.empty()) start.on_stopped();
}

/// The worker's share of the listening sockets.
void Launcher::listen(std::size_t index) {
  for (std::size_t i = index; i < opened_.sockets.size(); i += worker_count_) {
    workers_[index]->listen(std::move(opened_.sockets[i]));
  }
}

void Launcher::make_acceptor() {
  acceptor_ = std::make_unique<Acceptor>(connections_, config_.when_full, log_);
  for (system::Descriptor& socket : opened_.sockets) acceptor_->listen(std::move(socket));
}

/// Runs on the acceptor's thread.
void Launcher::run_acceptor(Start& start) {
  system::name_this_thread("acceptor");
  if (!start.may_run.get()) return;
  std::vector<Worker*> workers;
  workers.reserve(workers_.size());
  for (const auto& worker : workers_) workers.push_back(worker.get());
  acceptor_->run(workers);
}

/// A listening socket of another server, which stops. Runs on the thread of `shared_port_`.
void Launcher::adopt(system::Descriptor socket) {
  take_settings(socket.get(), config_);
  if (acceptor_) return acceptor_->adopt(std::move(socket));
  workers_[next_adopter_++ % worker_count_]->adopt(std::move(socket));
}

void Launcher::drain() noexcept {
  stop(Command::drain);
}

void Launcher::abandon_listening() noexcept {
  for (std::size_t i = 0; i < workers_.size(); ++i) {
    if (!workers_[i]->abandon_listening()) continue;
    log_.warn("a handler blocks a worker: connections that it has not accepted are reset",
              {{"worker", i + 1}});
  }
}

bool Launcher::runs_this_thread() const noexcept {
  return own_launcher == this;
}

void Launcher::cut() noexcept {
  stop(Command::cut);
}

/// In standard mode the acceptor tells the workers, after it has dealt the last connection.
void Launcher::stop(Command command) noexcept {
  const std::lock_guard lock(stopping_);
  if (shared_port_) shared_port_->leave();  // before the sockets are closed
  if (!acceptor_ || !acceptor_->post(command)) post_to_all(command);
}

/// Once the acceptor has ended, connections for which there was no slot wait on the workers.
void Launcher::resume_accepting() noexcept {
  if (!acceptor_ || !acceptor_->post(Command::resume)) post_to_all(Command::resume);
}

void Launcher::ask_for_room() noexcept {
  post_to_all(Command::make_room);
}

void Launcher::post_to_all(Command command) const noexcept {
  for (const auto& worker : workers_) worker->post(command);
}

bool Launcher::has_ended() const noexcept {
  const std::lock_guard lock(running_mutex_);
  return running_.empty();
}

bool Launcher::wait_until(std::chrono::steady_clock::time_point time) const noexcept {
  std::unique_lock lock(running_mutex_);
  return running_changed_.wait_until(lock, time, [this] { return running_.empty(); });
}

std::string Launcher::still_running() const {
  const std::lock_guard lock(running_mutex_);
  std::string names;
  for (const std::size_t index : running_) {
    names += fmt::format("{}worker {}", names.empty() ? "" : ", ", index + 1);
  }
  return names;
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
  if (acceptor_) total.refused += acceptor_->refused();
  return total;
}

}  // namespace chopin::server
