#include "server/acceptor.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <exception>
#include <utility>

#include "server/worker.hpp"

namespace chopin::server {

Acceptor::Acceptor(connection::ConnectionLimit& limit, WhenFull when_full, Log log)
    : loop_(std::move(log)),
      listeners_({limit, when_full, refused_,
                  [this](connection::Connection connection) { deal(std::move(connection)); },
                  [] { return false; }},  // the workers have the connections
                 loop_),
      commands_(loop_, [this](Command command) { on_command(command); }) {
  loop_.clock().add(*this);
}

Acceptor::~Acceptor() {
  loop_.close();
}

void Acceptor::run(const std::vector<Worker*>& workers) {
  workers_ = workers;
  loop_.tasks()->claim();
  loop_.clock().start();
  while (!has_ended_) loop_.run_round();
  loop_.tasks()->disclaim();
}

void Acceptor::adopt(system::Descriptor socket) {
  loop_.tasks()->post([this, socket = std::move(socket)]() mutable { listeners_.add(std::move(socket)); });
}

void Acceptor::on_command(Command command) {
  if (command == Command::make_room) return;
  if (command == Command::resume) return listeners_.resume();
  if (!has_ended_) {
    loop_.tasks()->close();
    has_ended_ = true;
    listeners_.close();
  }
  for (Worker* const worker : workers_) worker->post(command);
}

// ---- Dealing. ----

void Acceptor::deal(connection::Connection connection) {
  Worker* worker = choose_worker(true);
  if (worker == nullptr) worker = choose_worker(false);
  worker->deal(std::move(connection));
  if (!is_waiting()) deal_again_soon();
}

/// The worker with the fewest connections; of several, the next in turn. Null if none is prompt.
Worker* Acceptor::choose_worker(bool only_prompt) {
  Worker* best = nullptr;
  std::size_t chosen = next_;
  for (std::size_t i = 0; i < workers_.size(); ++i) {
    const std::size_t at = (next_ + i) % workers_.size();
    const DealtConnections& dealt = workers_[at]->dealt();
    if (best != nullptr && dealt.open() >= best->dealt().open()) continue;
    if (only_prompt && !dealt.are_taken_promptly()) continue;
    best = workers_[at];
    chosen = at;
  }
  next_ = (chosen + 1) % workers_.size();
  return best;
}

bool Acceptor::has_prompt_worker() const noexcept {
  return std::ranges::any_of(workers_, [](Worker* worker) { return worker->dealt().are_taken_promptly(); });
}

void Acceptor::on_timer() noexcept try { deal_again(); } catch (const std::exception&) {
  deal_again_soon();  // out of memory
}

void Acceptor::deal_again() {
  bool some_wait = false;
  for (Worker* const worker : workers_) {
    DealtConnections& dealt = worker->dealt();
    if (dealt.is_empty()) continue;
    if (dealt.are_taken_promptly() || !has_prompt_worker()) {
      some_wait = true;
      continue;
    }
    for (connection::Connection& connection : dealt.take_back()) deal(std::move(connection));
  }
  if (some_wait) deal_again_soon();
}

void Acceptor::deal_again_soon() {
  loop_.timers().start(*this, DealtConnections::Clock::now() + DealtConnections::patience);
}

}  // namespace chopin::server
