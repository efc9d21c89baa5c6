#include "server/worker.hpp"

#include <exception>
#include <pthread.h>
#include <utility>

#include "http/http_date.hpp"
#include "log/log.hpp"
#include "system/cpus.hpp"

namespace chopin::server {
namespace {

connection::Session& session_of(connection::Waiter& waiter) noexcept {
  return static_cast<connection::Session&>(waiter);
}

/// Nobody cancels a worker's thread. glibc still switches asynchronous cancellation on and off around each
/// blocking call of a process with several threads, with an atomic exchange each time, unless it finds it on
/// already.
void spare_cancellation_bookkeeping() noexcept {
  pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, nullptr);
  pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, nullptr);  // NOLINT: disabled above
}

/// What a handler has put into the io_context may throw: that ends neither the worker nor the process.
template <class Run>
std::size_t outlast_exceptions(Run run) noexcept {
  try {
    return run();
  } catch (const std::exception& error) {
    log::error("something that a handler left to the io_context threw: {}", error.what());
  } catch (...) {
    log::error("something that a handler left to the io_context threw what is no std::exception");
  }
  return 1;
}

}  // namespace

Worker::Worker(const Config& config, const connection::SharedRoutes& shared_routes,
               connection::ConnectionLimit& connections)
    : timeouts_(config.timeouts),
      io_context_(
          BOOST_ASIO_CONCURRENCY_HINT_UNSAFE),  // one thread: neither scheduler nor reactor takes locks
      readiness_in_io_context_(io_context_),
      mailbox_(std::make_shared<connection::Mailbox>(
          readiness_, [this](connection::Letter letter) { on_letter(std::move(letter)); })),
      context_(config, shared_routes, connections, readiness_, io_context_, mailbox_),
      ticker_(readiness_, [this] { on_tick(); }) {
  context_.session_ended = [this] { on_session_end(); };
  refresh_date();
}

/// What handlers have under way is not waited for.
Worker::~Worker() {
  cut();
  if (readiness_in_io_context_.is_open()) readiness_in_io_context_.release();  // it is another's to close
}

void Worker::listen(system::Descriptor socket) {
  listen(
      std::move(socket), [this](connection::Connection connection) { serve(std::move(connection)); }, [] {});
}

void Worker::listen(system::Descriptor socket, std::function<void(connection::Connection)> on_connection,
                    std::function<void()> on_stopped) {
  on_stopped_listening_ = std::move(on_stopped);
  listener_.emplace(std::move(socket), context_.connections, readiness_, std::move(on_connection));
  listener_->wait();
}

void Worker::run(std::optional<unsigned> cpu) {
  spare_cancellation_bookkeeping();
  mailbox_->claim();
  if (cpu && !system::pin_this_thread(*cpu)) log::warn("a worker cannot be pinned to CPU {}", *cpu);
  refresh_date();  // `run` may come long after the constructor
  ticker_.start(Timeouts::tick);
  while (!has_ended_) run_round();
  run_operations();  // that the end of their connections has cancelled
  mailbox_->disclaim();
}

/// The io_context takes part once a handler has got hold of it. Where none has anything under way there,
/// asking it makes no system call.
void Worker::run_round() {
  if (!context_.has_lent_io_context) [[likely]]
    return readiness_.run_round();
  switch (run_operations()) {
    case Operations::none: return readiness_.run_round();
    case Operations::waiting:
      if (readiness_.poll_round()) return;
      if (!watch_in_io_context()) return readiness_.run_round();  // late is better than spinning
      wait_in_io_context();
      break;
    case Operations::ready: break;
  }
  readiness_.poll_round();
}

Worker::Operations Worker::run_operations() {
  constexpr int most = 64;  // then the connections have their turn
  io_context_.restart();
  for (int i = 0; i < most; ++i) {
    if (outlast_exceptions([this] { return io_context_.poll_one(); }) == 0)
      return io_context_.stopped() ? Operations::none : Operations::waiting;
  }
  return Operations::ready;
}

/// Has the io_context's next wait end when something else is ready too. Only once a handler needs it, for
/// every edge costs the kernel more from then on. False where there is no memory for it.
bool Worker::watch_in_io_context() noexcept try {
  if (!readiness_in_io_context_.is_open()) {
    if (std::exchange(failed_to_watch_in_this_tick_, true)) return false;
    readiness_in_io_context_.assign(readiness_.native_handle());
  }
  readiness_in_io_context_.async_wait(StreamDescriptor::wait_read, [](const boost::system::error_code&) {});
  return true;
} catch (const std::exception&) {
  return false;
}

void Worker::wait_in_io_context() noexcept {
  outlast_exceptions([this] { return io_context_.run_one(); });
  boost::system::error_code ec;
  readiness_in_io_context_.cancel(ec);
}

void Worker::on_tick() {
  refresh_date();
  context_.deadlines.advance([](connection::Waiter& waiter) { session_of(waiter).on_deadline(); });
  if (listener_) listener_->on_tick();
  failed_to_watch_in_this_tick_ = false;
  if (drain_ticks_left_ > 0) {
    --drain_ticks_left_;
    if (drain_ticks_left_ == 0) cut();
  }
}

void Worker::refresh_date() {
  const std::time_t now = std::time(nullptr);
  if (now == date_) return;
  date_ = now;
  context_.date = http::HttpDate(now);
  context_.prebuilt.set_date(context_.date.text());
}

void Worker::on_letter(connection::Letter letter) {
  if (const auto* const command = std::get_if<connection::Command>(&letter)) return on_command(*command);
  if (auto* const connection = std::get_if<connection::Connection>(&letter))
    return on_dealt(std::move(*connection));
  std::get<std::function<void()>>(letter)();
}

void Worker::on_command(connection::Command command) {
  switch (command) {
    case connection::Command::drain: return drain();
    case connection::Command::cut: return cut();
    case connection::Command::resume: break;
  }
  if (listener_) listener_->resume();
}

void Worker::on_dealt(connection::Connection connection) {
  try {
    serve(std::move(connection));
  } catch (const std::exception& error) {
    log::warn("a connection cannot be served: {}", error.what());
  }
}

void Worker::drain() {
  if (context_.draining) return;
  context_.draining = true;
  begins_to_drain_ = true;
  drain_ticks_left_ = connection::ticks_of(timeouts_.drain);
  if (listener_) listener_->close();
  on_stopped_listening_();
  context_.deadlines.for_each([](connection::Waiter& waiter) { session_of(waiter).drain(); });
  begins_to_drain_ = false;
  stop_when_empty();
}

void Worker::cut() {
  drain();
  context_.deadlines.for_each([](connection::Waiter& waiter) { session_of(waiter).cut(); });
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
  if (context_.sessions > 0 || begins_to_drain_) return;
  mailbox_->close();
  has_ended_ = true;  // whatever a handler may still be waiting for
}

}  // namespace chopin::server
