#include "server/worker.hpp"

#include <exception>
#include <pthread.h>
#include <utility>

#include <boost/asio/error.hpp>

#include "http/http_date.hpp"
#include "log/log.hpp"
#include "server/cpus.hpp"

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

/// What a handler has put into the io_context may throw: that ends neither the worker nor the process.
template <class Run>
void outlast_exceptions(Run run) noexcept {
  for (;;) {
    try {
      run();
      return;
    } catch (const std::exception& error) {
      log::error("something that a handler left to the io_context threw: {}", error.what());
    } catch (...) {
      log::error("something that a handler left to the io_context threw what is no std::exception");
    }
  }
}

}  // namespace

Worker::Worker(const Config& config, const Answers& answers, ConnectionLimit& connections)
    : timeouts_(config.timeouts),
      io_context_(
          BOOST_ASIO_CONCURRENCY_HINT_UNSAFE),  // one thread: neither scheduler nor reactor takes locks
      mailbox_(
          std::make_shared<Mailbox>(io_context_, [this](Letter letter) { on_letter(std::move(letter)); })),
      context_(config, answers, connections, io_context_, mailbox_),
      ticker_(io_context_) {
  context_.session_ended = [this] { on_session_end(); };
  refresh_date();
}

Worker::~Worker() {
  end();
  mailbox_->detach();  // a handler's Responder may still hold it
}

/// The operations under way must end before the memory they use goes. What handlers have under way is not
/// waited for.
void Worker::end() {
  cut();
  io_context_.restart();
  constexpr int most_left_over = 10'000;  // a handler may leave something that starts itself again
  int handled = 0;
  outlast_exceptions([&] {
    while (handled++ < most_left_over && io_context_.poll_one() > 0) {
    }
  });
}

void Worker::listen(Acceptor acceptor) {
  listen(std::move(acceptor), [this](Connection connection) { serve(std::move(connection)); }, [] {});
}

void Worker::listen(Acceptor acceptor, std::function<void(Connection)> on_connection,
                    std::function<void()> on_stopped) {
  on_stopped_listening_ = std::move(on_stopped);
  listener_.emplace(std::move(acceptor), context_.connections, std::move(on_connection));
  listener_->wait();
}

void Worker::run(std::optional<unsigned> cpu) {
  spare_cancellation_bookkeeping();
  mailbox_->claim();
  if (cpu && !pin_this_thread(*cpu)) log::warn("a worker cannot be pinned to CPU {}", *cpu);
  refresh_date();  // `run` may come long after the constructor
  ticker_.expires_after(Timeouts::tick);
  start_tick();
  outlast_exceptions([this] { io_context_.run(); });
  mailbox_->disclaim();
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
  context_.date = http::HttpDate(now);
  context_.canned.set_date(context_.date.text());
}

void Worker::on_letter(Letter letter) {
  if (const auto* const command = std::get_if<Command>(&letter)) return on_command(*command);
  if (auto* const connection = std::get_if<Connection>(&letter)) return on_dealt(std::move(*connection));
  std::get<std::function<void()>>(letter)();
}

void Worker::on_command(Command command) {
  switch (command) {
    case Command::drain: return drain();
    case Command::cut: return cut();
    case Command::resume: break;
  }
  if (listener_) listener_->resume();
}

void Worker::on_dealt(Connection connection) {
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
  drain_ticks_left_ = ticks_of(timeouts_.drain);
  if (listener_) listener_->close();
  on_stopped_listening_();
  context_.deadlines.for_each([](Waiter& waiter) { session_of(waiter).drain(); });
  begins_to_drain_ = false;
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
  if (context_.sessions > 0 || begins_to_drain_) return;
  mailbox_->close();
  ticker_.cancel();
  context_.readiness.close();
  io_context_.stop();  // a timer of a handler's may still be waiting
}

}  // namespace chopin::server
