#include "server/worker.hpp"

#include <cstdint>
#include <exception>
#include <pthread.h>
#include <utility>

#include "http/http_date.hpp"
#include "loop/coroutine.hpp"
#include "system/cpus.hpp"

namespace chopin::server {
namespace {

/// A worker's thread is never cancelled. Still, in a process with several threads glibc switches asynchronous
/// cancellation on and off around each blocking call, with an atomic exchange each time, unless it is already
/// on.
void spare_cancellation_bookkeeping() noexcept {
  pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, nullptr);
  pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, nullptr);  // NOLINT: disabled above
}

}  // namespace

Worker::Worker(const Config& config, const connection::SharedRoutes& shared_routes,
               connection::ConnectionLimit& connections, Place place, Log log)
    : timeouts_(config.timeouts),
      loop_(std::move(log)),
      io_context_(loop_),
      context_(config, shared_routes, connections, loop_, io_context_),
      listeners_({connections, config.when_full, context_.worker.counters.refused,
                  [this](connection::Connection connection) { serve(std::move(connection)); },
                  [this] { return connection::Session::make_room(context_); }},
                 loop_),
      is_first_(place.index == 0),
      commands_(loop_, [this](Command command) { on_command(command); }) {
  context_.worker.session_ended = [this] { on_session_end(); };
  context_.worker.memory.shed_with(
      [this](std::uint64_t bytes) { return connection::Session::shed(context_, bytes); });
  loop_.clock().add(*this);
  refresh_date();
  loop_.tasks()->claim();
  context_.worker.services.make(shared_routes.routes.services(), Executor(loop_), place.index, place.workers);
}

/// Does not wait for the handlers' operations that are under way.
Worker::~Worker() {
  cut();
  loop_.close();
}

void Worker::serve_all() {
  spare_cancellation_bookkeeping();
  const loop::CoroutineMemory kept_for_coroutines;
  refresh_date();           // `serve_all` may come long after the constructor
  context_.burst.shrink();  // what its first call on a thread allocates must not come later
  loop_.clock().start();
  while (!has_ended_) {
    loop_.run_round();
    if (waits_for_services_) [[unlikely]]
      stop_when_empty();
  }
  io_context_.run();  // handlers of operations that were cancelled when their connections ended
  loop_.close();      // coroutines that still wait end before the services that they may use
  context_.worker.services.clear();
  loop_.tasks()->disclaim();
}

void Worker::adopt(system::Descriptor socket) {
  loop_.tasks()->post([this, socket = std::move(socket)]() mutable { listeners_.add(std::move(socket)); });
}

void Worker::deal(connection::Connection connection) {
  if (dealt_.add(std::move(connection))) loop_.tasks()->post(static_cast<loop::Task&>(*this));
}

void Worker::on_tick() noexcept {
  refresh_date();
  context_.burst.shrink();
  context_.worker.end_with_next_response(false);  // who still wants room asks again
  if (context_.worker.memory.kernel_may_matter()) connection::Session::measure_some(context_);
  context_.worker.memory.on_tick(is_first_);
  context_.worker.refusals.on_tick();
  listeners_.on_tick();
  serve_those_without_slot();
  if (drain_ticks_left_ > 0) {
    --drain_ticks_left_;
    if (drain_ticks_left_ == 0) cut();
  }
}

void Worker::refresh_date() {
  const std::time_t now = std::time(nullptr);
  if (now == date_) return;
  date_ = now;
  context_.worker.date = http::HttpDate(now);
  context_.worker.prebuilt.set_date(context_.worker.date.text());
}

void Worker::on_command(Command command) {
  switch (command) {
    case Command::drain: return drain();
    case Command::cut: return cut();
    case Command::make_room: connection::Session::make_room(context_); return;
    case Command::resume: break;
  }
  listeners_.resume();
  serve_those_without_slot();
}

/// Serves the connections that were dealt.
void Worker::run() noexcept {
  for (connection::Connection& connection : dealt_.take()) {
    const std::uint64_t sessions = context_.worker.counters.connections.value();
    try {
      serve(std::move(connection));
    } catch (const std::exception& error) {
      loop_.log().warn("a connection cannot be served", {{"error", error.what()}});
      if (context_.worker.counters.connections.value() == sessions) dealt_.count_end();  // it had no session
    }
  }
}

/// Nothing in it may throw: a drain that is left half way never ends.
void Worker::drain() noexcept {
  if (context_.worker.draining) return;
  context_.worker.draining = true;
  context_.worker.note_reasons_to_end();
  begins_to_drain_ = true;
  drain_ticks_left_ = loop::ticks_of(timeouts_.drain);
  listeners_.close();
  context_.worker.services.drain(loop_.log());
  connection::Session::for_each(context_, [](connection::Session& session) { session.drain(); });
  begins_to_drain_ = false;
  stop_when_empty();
}

void Worker::wait_for_slot(connection::Connection connection) {
  without_slot_.push_back(std::move(connection));
  serve_those_without_slot();
}

void Worker::serve_those_without_slot() {
  while (!without_slot_.empty()) {
    connection::ConnectionSlot slot = context_.worker.connections.take();
    if (!slot.is_taken()) return;
    connection::Connection connection = std::move(without_slot_.front());
    without_slot_.pop_front();
    connection.slot = std::move(slot);
    try {
      serve(std::move(connection));
    } catch (const std::exception& error) {
      loop_.log().warn("a connection cannot be served", {{"error", error.what()}});
    }
  }
  if (context_.worker.draining) stop_when_empty();
}

void Worker::cut() {
  is_cut_ = true;
  drain();
  without_slot_.clear();
  connection::Session::for_each(context_, [](connection::Session& session) { session.cut(); });
  stop_when_empty();
}

void Worker::on_session_end() {
  dealt_.count_end();
  if (context_.worker.draining) {
    stop_when_empty();
  } else {
    listeners_.resume();
  }
}

/// Makes `serve_all` return if no session is left, and no service whose end others would feel. Sessions may
/// still come while that is waited for.
void Worker::stop_when_empty() {
  if (!context_.worker.sessions.empty() || !without_slot_.empty() || begins_to_drain_) return;
  waits_for_services_ = !is_cut_ && !context_.worker.services.may_end();
  if (waits_for_services_) return;
  loop_.tasks()->close();
  has_ended_ = true;  // even if a later handler still waits for something
}

}  // namespace chopin::server
