#include "server/worker.hpp"

#include <pthread.h>
#include <utility>

#include <boost/asio/error.hpp>

#include "http/http_date.hpp"
#include "log/log.hpp"
#include "server/cpus.hpp"
#include "server/session.hpp"

namespace chopin::server {
namespace {

Session& session_of(Waiter& waiter) noexcept {
  return static_cast<Session&>(waiter);
}

/// Nobody cancels a worker's thread. glibc still switches asynchronous cancellation on and off around each
/// blocking call of a process with several threads, with an atomic exchange each time, unless it finds it on
/// already.
void spare_cancellation_bookkeeping() noexcept {
  pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, nullptr);
  pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, nullptr);  // NOLINT: disabled above
}

}  // namespace

Worker::Worker(const Config& config, const routing::FastRouteIndex& routes,
               const http::CannedResponses& responses)
    : timeouts_(config.timeouts),
      io_context_(
          BOOST_ASIO_CONCURRENCY_HINT_UNSAFE),  // one thread: neither scheduler nor reactor takes locks
      context_(config, routes, responses, io_context_),
      mailbox_(io_context_, [this](Command command) { on_command(command); }),
      ticker_(io_context_) {
  context_.session_ended = [this] { on_session_end(); };
  refresh_date();
}

Worker::~Worker() {
  // Where `run` has not been called, the operations under way must end before the memory they use goes.
  cut();
  io_context_.restart();
  io_context_.run();
}

void Worker::listen(Acceptor acceptor) {
  listener_.emplace(std::move(acceptor),
                    [this](Descriptor socket) { Session::start(std::move(socket), context_); });
  listener_->wait();
}

void Worker::run(std::optional<unsigned> cpu) {
  spare_cancellation_bookkeeping();
  if (cpu && !pin_this_thread(*cpu)) log::warn("a worker cannot be pinned to CPU {}", *cpu);
  ticker_.expires_after(Timeouts::tick);
  start_tick();
  io_context_.run();
}

void Worker::start_tick() {
  ticker_.async_wait(completion<&Worker::on_tick>(*this, tick_memory_));
}

void Worker::on_tick(const error_code& ec) {
  if (ec == boost::asio::error::operation_aborted) return;
  refresh_date();
  context_.deadlines.advance([](Waiter& waiter) { session_of(waiter).park(); },
                             [](Waiter& waiter) { session_of(waiter).on_deadline(); });
  if (listener_) listener_->resume();
  if (drain_ticks_left_ > 0) {
    --drain_ticks_left_;
    if (drain_ticks_left_ == 0) cut();
  }
  if (context_.draining && context_.sessions == 0) return;
  ticker_.expires_at(ticker_.expiry() + Timeouts::tick);
  start_tick();
}

void Worker::refresh_date() {
  const std::time_t now = std::time(nullptr);
  if (now == date_) return;
  date_ = now;
  context_.responses.set_date(http::HttpDate(now).text());
}

void Worker::on_command(Command command) {
  switch (command) {
    case Command::drain: return drain();
    case Command::cut: return cut();
  }
}

void Worker::drain() {
  if (context_.draining) return;
  context_.draining = true;
  drain_ticks_left_ = ticks_of(timeouts_.drain);
  if (listener_) listener_->close();
  context_.deadlines.for_each([](Waiter& waiter) { session_of(waiter).drain(); });
  stop_when_empty();
}

void Worker::cut() {
  drain();
  context_.deadlines.for_each([](Waiter& waiter) { session_of(waiter).cut(); });
}

void Worker::on_session_end() {
  if (context_.draining) {
    stop_when_empty();
  } else if (listener_) {
    listener_->resume();
  }
}

/// With nothing left to wait for, `run` returns.
void Worker::stop_when_empty() {
  if (context_.sessions > 0) return;
  mailbox_.close();
  ticker_.cancel();
  context_.readiness.close();
}

}  // namespace chopin::server
