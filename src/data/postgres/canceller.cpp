#include "data/postgres/canceller.hpp"

#include <array>
#include <chrono>
#include <libpq-fe.h>
#include <utility>

#include "chopin/spawn_scope.hpp"
#include "system/signals_blocked.hpp"
#include "system/thread_name.hpp"

namespace chopin::data::postgres {
namespace {

struct FreeCancel {
  void operator()(PGcancel* cancel) const noexcept { PQfreeCancel(cancel); }
};

/// If it fails, the statement runs to its end.
void cancel(PGconn* connection) noexcept {
  const std::unique_ptr<PGcancel, FreeCancel> request(PQgetCancel(connection));
  std::array<char, 256> why{};
  if (request != nullptr) PQcancel(request.get(), why.data(), static_cast<int>(why.size()));
}

}  // namespace

Canceller::Canceller() : shared_(std::make_shared<Shared>()) {}

Canceller::~Canceller() {
  std::unique_lock lock(shared_->mutex);
  shared_->is_ended = true;
  shared_->waiting.clear();
  shared_->changed.notify_all();
  const bool has_ended =
      shared_->changed.wait_for(lock, std::chrono::seconds(1), [this] { return !shared_->is_running; });
  lock.unlock();
  if (thread_.joinable()) has_ended ? thread_.join() : thread_.detach();
}

void Canceller::cancel_and_close(Handle handle) noexcept try {
  const std::lock_guard lock(shared_->mutex);
  if (shared_->waiting.size() >= most_waiting) return;
  if (!thread_.joinable()) start_thread();
  shared_->waiting.push_back(std::move(handle));
  shared_->changed.notify_one();
} catch (...) {  // NOLINT(bugprone-empty-catch): no thread, no memory: it is closed without a request
}

void Canceller::start_thread() {
  const system::SignalsBlocked blocked;
  const SpawnScope not_only_the_workers_cpu;
  thread_ = std::thread([shared = shared_] {
    system::name_this_thread("canceller");
    run(*shared);
  });
  shared_->is_running = true;
}

void Canceller::run(Shared& shared) noexcept {
  std::unique_lock lock(shared.mutex);
  while (!shared.is_ended) {
    if (shared.waiting.empty()) {
      shared.changed.wait(lock);
      continue;
    }
    Handle handle = std::move(shared.waiting.front());
    shared.waiting.pop_front();
    lock.unlock();
    cancel(handle.get());
    handle.reset();
    lock.lock();
  }
  shared.is_running = false;
  shared.changed.notify_all();
}

}  // namespace chopin::data::postgres
