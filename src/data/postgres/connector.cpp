#include "data/postgres/connector.hpp"

#include <algorithm>
#include <random>
#include <utility>

#include <fmt/core.h>

#include "chopin/database_error.hpp"
#include "chopin/spawn_scope.hpp"
#include "data/postgres/blocking_connection.hpp"
#include "data/postgres/server_facts.hpp"
#include "system/signals_blocked.hpp"
#include "system/thread_name.hpp"

namespace chopin::data::postgres {
namespace {

using Clock = std::chrono::steady_clock;

/// For each address of each host, and for each command at the start.
constexpr std::chrono::seconds patience{3};

/// Sets what the connection needs. By a command, because poolers refuse options at the start.
void set_timeouts(BlockingConnection& connection, std::chrono::milliseconds statement_timeout) {
  if (statement_timeout.count() == 0) return;
  connection.run(fmt::format("SET statement_timeout = {}; SET idle_in_transaction_session_timeout = {}",
                             statement_timeout.count(), 2 * statement_timeout.count()),
                 patience);
}

/// What libpq has said; `what` is for clients.
std::string why(const std::exception& error) {
  const auto* const refused = dynamic_cast<const DatabaseError*>(&error);
  return refused == nullptr ? error.what() : refused->detail();
}

Clock::duration pause_after(unsigned failures) {
  thread_local std::minstd_rand random{std::random_device()()};
  const auto pause = std::min<std::chrono::milliseconds>(
      Connector::least_pause * (1U << std::min(failures, 8U)), Connector::most_pause);
  return pause - std::chrono::milliseconds(
                     std::uniform_int_distribution<>(0, static_cast<int>(pause.count() / 2))(random));
}

}  // namespace

void ConnectionRequest::deliver(Handle handle) {
  loop_->post([self = shared_from_this(), handle = std::move(handle)]() mutable {
    if (self->asker_ != nullptr) self->asker_->on_connected(std::move(handle));
  });
}

void ConnectionRequest::tell_refused(const std::string& why) {
  loop_->post([self = shared_from_this(), why] {
    if (self->asker_ != nullptr) self->asker_->on_refused(why);
  });
}

Connector::Connector(Options options, Log log)
    : shared_(std::make_shared<Shared>(std::move(options), std::move(log))) {}

Connector::~Connector() {
  std::unique_lock lock(shared_->mutex);
  shared_->is_ended = true;
  shared_->waiting.clear();
  shared_->changed.notify_all();
  const bool have_ended = shared_->changed.wait_for(lock, std::chrono::seconds(1),
                                                    [this] { return shared_->running_threads == 0; });
  lock.unlock();
  // Joined, because OpenSSL frees a thread's memory at the very end of the thread.
  for (std::thread& thread : shared_->threads) have_ended ? thread.join() : thread.detach();
}

void Connector::add(std::shared_ptr<ConnectionRequest> request) {
  const std::lock_guard lock(shared_->mutex);
  const bool needs_thread = shared_->waiting.size() >= shared_->idle_threads;
  if (needs_thread && shared_->threads.size() < most_threads) start_thread(shared_);
  shared_->waiting.push_back(std::move(request));
  shared_->changed.notify_one();
}

void Connector::start_thread(const std::shared_ptr<Shared>& shared) {
  const system::SignalsBlocked blocked;
  const SpawnScope not_only_the_workers_cpu;
  shared->threads.emplace_back([shared] {
    system::name_this_thread("connector");
    run(*shared);
  });
  ++shared->running_threads;
}

void Connector::run(Shared& shared) noexcept {
  std::unique_lock lock(shared.mutex);
  while (!shared.is_ended) {
    const bool must_wait = shared.waiting.empty() || shared.is_probing;
    if (must_wait || Clock::now() < shared.next_attempt) {
      ++shared.idle_threads;
      if (must_wait) {
        shared.changed.wait(lock);
      } else {
        shared.changed.wait_until(lock, shared.next_attempt);
      }
      --shared.idle_threads;
      continue;
    }
    attempt(shared, lock);
  }
  --shared.running_threads;
  shared.changed.notify_all();
}

void Connector::attempt(Shared& shared, std::unique_lock<std::mutex>& lock) noexcept {
  const std::shared_ptr<ConnectionRequest> request = shared.waiting.front();
  shared.waiting.pop_front();
  if (request->is_withdrawn_.load(std::memory_order_relaxed)) return;
  shared.is_probing = shared.failures > 0;
  const bool is_to_check = !std::exchange(shared.is_checked, true);
  lock.unlock();
  try {
    Handle handle = connect(shared, is_to_check);
    lock.lock();
    if (std::exchange(shared.failures, 0) > 0) shared.log.info("the database can be reached again");
    request->deliver(std::move(handle));
  } catch (const std::exception& error) {
    if (!lock.owns_lock()) lock.lock();
    if (is_to_check) shared.is_checked = false;
    if (!shared.is_ended) note_failure(shared, request, why(error));
  }
  shared.is_probing = false;
  shared.changed.notify_all();
}

Handle Connector::connect(const Shared& shared, bool is_to_check) {
  BlockingConnection connection(shared.options.url, patience);
  if (is_to_check) check_server(shared, connection);
  set_timeouts(connection, shared.options.statement_timeout);
  return std::move(connection).take();
}

/// A server that cannot be asked may still serve.
void Connector::check_server(const Shared& shared, BlockingConnection& connection) try {
  const ServerFacts facts = read_server_facts(connection);
  const std::string fault = fault_of_connections(facts, shared.options.connections);
  if (!fault.empty()) shared.log.warn("the database cannot give all connections", {{"reason", fault}});
  if (facts.is_behind_pooler && shared.options.statement_timeout.count() > 0) {
    shared.log.warn("the database is behind a pooler: if statements fail, give --database-pipeline 1");
  }
} catch (const DatabaseError& error) {
  shared.log.debug("the database's limits are not known", {{"error", error.detail()}});
}

/// The request goes back to the front, so that one after the other is served when the server has returned.
void Connector::note_failure(Shared& shared, const std::shared_ptr<ConnectionRequest>& request,
                             const std::string& why) {
  if (shared.failures == 0) shared.log.warn("the database cannot be reached", {{"error", why}});
  shared.next_attempt = Clock::now() + pause_after(shared.failures);
  ++shared.failures;
  shared.waiting.push_front(request);
  std::erase_if(shared.waiting, [](const std::shared_ptr<ConnectionRequest>& waiting) {
    return waiting->is_withdrawn_.load(std::memory_order_relaxed);
  });
  for (const std::shared_ptr<ConnectionRequest>& waiting : shared.waiting) waiting->tell_refused(why);
}

}  // namespace chopin::data::postgres
