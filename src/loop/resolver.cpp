#include "loop/resolver.hpp"

#include <new>
#include <system_error>
#include <thread>
#include <unistd.h>

#include <boost/asio/error.hpp>

#include "chopin/spawn_scope.hpp"
#include "system/signals_blocked.hpp"
#include "system/thread_name.hpp"

namespace chopin::loop {

void HostQuestion::run() noexcept {
  const std::shared_ptr<HostQuestion> self = std::move(self_);
  if (asker_ != nullptr) asker_->on_found(std::move(found_));
}

void HostQuestion::discard() noexcept {
  const std::shared_ptr<HostQuestion> self = std::move(self_);
}

Resolver::~Resolver() {
  {
    const std::lock_guard lock(shared_->mutex);
    shared_->is_ended = true;
    shared_->waiting.clear();
  }
  shared_->changed.notify_one();
}

Resolver& Resolver::of_process() {
  // Never destroyed: its thread, and handlers that still run, may use it until the process is gone.
  static auto* const resolver = new Resolver(system::look_up_host);
  return *resolver;
}

boost::system::error_code Resolver::add(std::shared_ptr<HostQuestion> question) noexcept try {
  {
    const std::lock_guard lock(shared_->mutex);
    if (shared_->waiting.size() >= most_waiting) return boost::asio::error::try_again;
    if (const pid_t process = getpid(); shared_->thread_of != process) {
      shared_->waiting.clear();  // those of the parent
      start_thread(shared_);
      shared_->thread_of = process;
    }
    shared_->waiting.push_back(std::move(question));
  }
  shared_->changed.notify_one();
  return {};
} catch (const std::system_error& error) {
  return {error.code().value(), boost::system::system_category()};
} catch (const std::bad_alloc&) {
  return boost::asio::error::no_memory;
}

void Resolver::start_thread(const std::shared_ptr<Shared>& shared) {
  const system::SignalsBlocked blocked;
  const SpawnScope not_only_the_workers_cpu;
  std::thread([shared] {
    system::name_this_thread("resolver");
    run(*shared);
  }).detach();
}

void Resolver::run(Shared& shared) noexcept {
  for (std::unique_lock lock(shared.mutex);;) {
    shared.changed.wait(lock, [&] { return shared.is_ended || !shared.waiting.empty(); });
    if (shared.is_ended) return;
    std::shared_ptr<HostQuestion> next = std::move(shared.waiting.front());
    shared.waiting.pop_front();
    lock.unlock();
    if (!next->is_withdrawn_.load(std::memory_order_relaxed)) {
      next->found_ = shared.look_up(next->host_, next->port_);
    }
    HostQuestion& question = *next;
    const std::shared_ptr<TaskQueue> loop = question.loop_;  // the question may be gone before `post` returns
    question.self_ = std::move(next);
    loop->post(question);
    lock.lock();
  }
}

}  // namespace chopin::loop
