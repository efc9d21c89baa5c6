#include "server/launcher.hpp"

#include <atomic>
#include <cstddef>
#include <optional>
#include <utility>

#include "server/cpus.hpp"
#include "server/listening_sockets.hpp"

namespace chopin::server {

Launcher::Launcher(Config config, const FastRouteTable& routes)
    : config_(std::move(config)), routes_(routes, responses_) {
  const std::size_t count = config_.workers > 0 ? config_.workers : default_worker_count();
  std::vector<std::reference_wrapper<boost::asio::io_context>> contexts;
  workers_.reserve(count);
  contexts.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    contexts.emplace_back(
        workers_.emplace_back(std::make_unique<Worker>(config_, routes_, responses_))->io_context());
  }
  std::vector<Acceptor> acceptors = open_listening_sockets(config_, contexts);
  endpoint_ = acceptors.front().local_endpoint();
  for (std::size_t i = 0; i < count; ++i) workers_[i]->listen(std::move(acceptors[i]));
  if (!config_.pins_cpus()) return;
  const std::vector<unsigned> allowed = allowed_cpus();
  for (std::size_t i = 0; i < count; ++i) cpus_.push_back(allowed[i % allowed.size()]);
}

Launcher::~Launcher() {
  if (threads_.empty()) return;
  cut();
  join();
}

void Launcher::start(std::function<void()> on_stopped) {
  struct Ending {
    std::atomic<std::size_t> running;
    std::function<void()> on_stopped;
  };
  const auto ending = std::make_shared<Ending>(workers_.size(), std::move(on_stopped));
  for (std::size_t i = 0; i < workers_.size(); ++i) {
    const auto cpu = cpus_.empty() ? std::nullopt : std::optional(cpus_[i]);
    threads_.emplace_back([worker = workers_[i].get(), cpu, ending] {
      worker->run(cpu);
      if (ending->running.fetch_sub(1) == 1) ending->on_stopped();
    });
  }
}

void Launcher::drain() {
  post(Command::drain);
}

void Launcher::cut() {
  post(Command::cut);
}

void Launcher::post(Command command) {
  for (const auto& worker : workers_) worker->mailbox().post(command);
}

Counters Launcher::join() {
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
  Counters total;
  for (const auto& worker : workers_) total += worker->counters();
  return total;
}

}  // namespace chopin::server
