#include "loop/work_pool.hpp"

#include <algorithm>
#include <system_error>
#include <unistd.h>
#include <utility>

#include "chopin/spawn_scope.hpp"
#include "system/signals_blocked.hpp"
#include "system/thread_name.hpp"
#include "system/thread_priority.hpp"

namespace chopin::loop {

void PoolJob::run() noexcept {
  const std::shared_ptr<PoolJob> self = std::move(self_);
  if (!is_withdrawn()) on_done();
}

void PoolJob::discard() noexcept {
  const std::shared_ptr<PoolJob> self = std::move(self_);
}

WorkPool::WorkPool(Options options) : options_(std::move(options)), shared_(std::make_shared<Shared>()) {
  threads_.reserve(options_.threads);
}

WorkPool::~WorkPool() {
  if (process_ != 0 && process_ != getpid()) {
    for (std::thread& thread : threads_) thread.detach();
    return;
  }
  std::unique_lock lock(shared_->mutex);
  shared_->is_ended = true;
  shared_->waiting.clear();  // in its place: even an empty deque needs memory, which may be out
  shared_->changed.notify_all();
  const bool are_ended =
      shared_->thread_ended.wait_for(lock, longest_end, [this] { return shared_->running == 0; });
  lock.unlock();
  for (std::thread& thread : threads_) are_ended ? thread.join() : thread.detach();
}

bool WorkPool::add(const std::shared_ptr<PoolJob>& job, std::shared_ptr<TaskQueue> loop) noexcept try {
  const std::lock_guard lock(shared_->mutex);
  auto& waiting = shared_->waiting;
  if (waiting.size() >= options_.most_waiting) return false;
  if (!has_thread_for_one_more()) return false;
  job->loop_ = std::move(loop);
  waiting.push_back(job);
  shared_->changed.notify_one();
  return true;
} catch (...) {  // no memory
  return false;
}

void WorkPool::withdraw(PoolJob& job) noexcept {
  job.is_withdrawn_.store(true, std::memory_order_relaxed);
  std::shared_ptr<PoolJob> dropped;  // its memory is given back without the mutex
  const std::lock_guard lock(shared_->mutex);
  const auto found = std::ranges::find(shared_->waiting, &job, &std::shared_ptr<PoolJob>::get);
  if (found == shared_->waiting.end()) return;
  dropped = std::move(*found);
  shared_->waiting.erase(found);
}

/// Under the mutex. One that cannot be started is no matter if there are others.
bool WorkPool::has_thread_for_one_more() {
  if (shared_->free <= shared_->waiting.size() && threads_.size() < options_.threads) {
    try {
      start_thread();
    } catch (const std::system_error&) {
      return !threads_.empty();
    }
  }
  return true;
}

/// Under the mutex.
void WorkPool::start_thread() {
  const system::SignalsBlocked blocked;
  const SpawnScope not_only_the_workers_cpu;
  threads_.emplace_back([shared = shared_, name = options_.name, priority = options_.priority] {
    system::name_this_thread(name);
    set_priority(priority);
    run_thread(*shared);
  });
  ++shared_->running;
  process_ = getpid();
}

void WorkPool::set_priority(Priority priority) noexcept {
  if (priority == Priority::when_idle) system::run_this_thread_when_idle();
  if (priority == Priority::low) system::lower_priority_of_this_thread();
}

void WorkPool::run_thread(Shared& shared) noexcept {
  std::unique_lock lock(shared.mutex);
  for (;;) {
    ++shared.free;
    shared.changed.wait(lock, [&] { return shared.is_ended || !shared.waiting.empty(); });
    --shared.free;
    if (shared.is_ended) break;
    std::shared_ptr<PoolJob> job = std::move(shared.waiting.front());
    shared.waiting.pop_front();
    lock.unlock();
    if (!job->is_withdrawn()) job->work();
    give_back(std::move(job));
    lock.lock();
  }
  --shared.running;
  shared.thread_ended.notify_all();
}

void WorkPool::give_back(std::shared_ptr<PoolJob> job) noexcept {
  PoolJob& task = *job;
  const std::shared_ptr<TaskQueue> loop = task.loop_;  // the job may be gone before `post` returns
  task.self_ = std::move(job);
  loop->post(task);
}

}  // namespace chopin::loop
