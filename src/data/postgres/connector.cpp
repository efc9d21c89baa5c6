#include "data/postgres/connector.hpp"

#include <algorithm>
#include <array>
#include <libpq-fe.h>
#include <poll.h>
#include <random>
#include <string_view>
#include <thread>
#include <utility>

#include <fmt/core.h>

#include "chopin/spawn_scope.hpp"
#include "data/postgres/server_facts.hpp"
#include "system/signals_blocked.hpp"
#include "system/thread_name.hpp"

namespace chopin::data::postgres {
namespace {

using Clock = std::chrono::steady_clock;

/// Those before the URL are defaults that it may change, those after it are fixed. The protocol of GSSAPI's
/// encryption is libpq's own, so it cannot be spoken after the handshake.
Handle connect(const std::string& url) {
  constexpr std::array names{"connect_timeout",
                             "keepalives_idle",
                             "keepalives_interval",
                             "keepalives_count",
                             "tcp_user_timeout",
                             "fallback_application_name",
                             "dbname",
                             "client_encoding",
                             "gssencmode",
                             static_cast<const char*>(nullptr)};
  const std::array values{"3",      "30",        "10",   "3",       "15000",
                          "chopin", url.c_str(), "UTF8", "disable", static_cast<const char*>(nullptr)};
  static_assert(names.size() == std::tuple_size_v<decltype(values)>);
  return Handle(PQconnectdbParams(names.data(), values.data(), 1));
}

/// In one line; with several addresses it has one for each.
std::string message_of(const Handle& handle) {
  if (handle == nullptr) return "out of memory";
  std::string text = PQerrorMessage(handle.get());
  while (text.ends_with('\n')) text.pop_back();
  std::erase(text, '\t');
  std::ranges::replace(text, '\n', ' ');
  return text;
}

/// Whether the results of a command have come within the time.
bool wait_for_results(const Handle& handle, Clock::time_point until) {
  while (PQisBusy(handle.get()) != 0) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now());
    pollfd socket{.fd = PQsocket(handle.get()), .events = POLLIN, .revents = 0};
    if (left.count() <= 0 || poll(&socket, 1, static_cast<int>(left.count())) < 0) return false;
    if (PQconsumeInput(handle.get()) == 0) return false;
  }
  return true;
}

/// Sets what the connection needs. By a command, because poolers refuse options at the start.
bool set_up(const Handle& handle, std::chrono::milliseconds statement_timeout) {
  if (statement_timeout.count() > 0) {
    const auto until = Clock::now() + std::chrono::seconds(3);
    const std::string command =
        fmt::format("SET statement_timeout = {0}; SET idle_in_transaction_session_timeout = {1}",
                    statement_timeout.count(), 2 * statement_timeout.count());
    if (PQsendQuery(handle.get(), command.c_str()) == 0) return false;
    while (true) {
      if (!wait_for_results(handle, until)) return false;
      PGresult* const result = PQgetResult(handle.get());
      if (result == nullptr) break;
      const bool is_done = PQresultStatus(result) == PGRES_COMMAND_OK;
      PQclear(result);
      if (!is_done) return false;
    }
  }
  return PQsetnonblocking(handle.get(), 1) == 0;
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
  shared_->waiting.push_back(std::move(request));
  const bool needs_thread = shared_->waiting.size() > shared_->idle_threads;
  if (needs_thread && shared_->threads.size() < most_threads) start_thread(shared_);
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
    try {
      attempt(shared, lock);
    } catch (const std::exception&) {  // out of memory: the request is lost, and made again at the next tick
      if (!lock.owns_lock()) lock.lock();
    }
  }
  --shared.running_threads;
  shared.changed.notify_all();
}

void Connector::attempt(Shared& shared, std::unique_lock<std::mutex>& lock) {
  const std::shared_ptr<ConnectionRequest> request = std::move(shared.waiting.front());
  shared.waiting.pop_front();
  if (request->is_withdrawn_.load(std::memory_order_relaxed)) return;
  shared.is_probing = shared.failures > 0;
  lock.unlock();
  Handle handle = connect(shared.options.url);
  const bool is_made = handle != nullptr && PQstatus(handle.get()) == CONNECTION_OK &&
                       set_up(handle, shared.options.statement_timeout);
  lock.lock();
  shared.is_probing = false;
  if (is_made) {
    if (shared.failures > 0) shared.log.info("the database can be reached again");
    shared.failures = 0;
    request->deliver(std::move(handle));
    if (!std::exchange(shared.is_checked, true)) {
      lock.unlock();
      check_server(shared);
      lock.lock();
    }
  } else if (!shared.is_ended) {
    shared.waiting.push_front(request);
    note_failure(shared, message_of(handle));
  }
  shared.changed.notify_all();
}

void Connector::check_server(const Shared& shared) noexcept try {
  const ServerFacts facts = read_server_facts(shared.options.url);
  const std::string fault = fault_of_connections(facts, shared.options.connections);
  if (!fault.empty()) shared.log.warn("the database cannot give all connections", {{"reason", fault}});
  if (facts.is_behind_pooler && shared.options.statement_timeout.count() > 0) {
    shared.log.warn("the database is behind a pooler: if statements fail, give --database-pipeline 1");
  }
} catch (const std::exception& error) {
  shared.log.debug("the database's limits are not known", {{"error", error.what()}});
}

void Connector::note_failure(Shared& shared, const std::string& why) {
  if (shared.failures == 0) shared.log.warn("the database cannot be reached", {{"error", why}});
  shared.next_attempt = Clock::now() + pause_after(shared.failures);
  ++shared.failures;
  std::erase_if(shared.waiting, [](const std::shared_ptr<ConnectionRequest>& request) {
    return request->is_withdrawn_.load(std::memory_order_relaxed);
  });
  for (const std::shared_ptr<ConnectionRequest>& request : shared.waiting) request->tell_refused(why);
}

}  // namespace chopin::data::postgres
