#include "chopin/executor.hpp"

#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <utility>

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/error_code.hpp>

#include "loop/coroutine.hpp"
#include "loop/event_loop.hpp"
#include "loop/io_context_guest.hpp"

namespace chopin {

boost::asio::execution_context& Executor::query(boost::asio::execution::context_t) const noexcept {
  return loop_->asio_context();
}

boost::asio::io_context& Executor::io_context() const {
  if (loop_->guest() == nullptr) throw std::logic_error("this executor's thread has no io_context");
  return loop_->guest()->lend();
}

bool Executor::is_on_this_thread() const noexcept {
  return loop_->tasks()->belongs_to_this_thread();
}

const Log& Executor::log() const noexcept {
  return loop_->log();
}

void Executor::post(loop::Task& task) const noexcept {
  if (is_on_this_thread()) return loop_->run_next_round(task);
  loop_->tasks()->post(task);
}

namespace {

/// The timer of a coroutine that sleeps. Owns itself.
template <class Handler>
class Sleep final : public loop::Timer, public loop::Recycled {
 public:
  Sleep(Handler handler, loop::EventLoop& loop) : handler_(std::move(handler)), loop_(loop) {}

  /// Throws std::bad_alloc, and has then deleted itself.
  void start(std::chrono::nanoseconds duration) try {
    auto slot = boost::asio::get_associated_cancellation_slot(handler_);
    if (slot.is_connected()) {
      slot.assign([this](boost::asio::cancellation_type) { cancel(); });
    }
    const TimePoint now = std::chrono::steady_clock::now();
    loop_.timers().start(*this, now + std::min<TimePoint::duration>(duration, TimePoint::max() - now));
  } catch (...) {
    delete this;
    throw;
  }

  void on_timer() noexcept override {
    const Log& log = loop_.log();
    try {
      Handler handler(std::move(handler_));
      const boost::system::error_code ec = ec_;
      delete this;
      boost::asio::get_associated_cancellation_slot(handler).clear();
      std::move(handler)(ec);
    } catch (...) {
      loop::log_task_exception(log);
    }
  }
  void discard() noexcept override { delete this; }

 private:
  ~Sleep() = default;

  /// Not completed at once: the caller must not be called back within its own call.
  void cancel() noexcept {
    ec_ = boost::asio::error::operation_aborted;
    loop_.timers().start(*this, TimePoint::min());
  }

  Handler handler_;
  loop::EventLoop& loop_;
  boost::system::error_code ec_;
};

}  // namespace

Task<> sleep_for(std::chrono::nanoseconds duration) {
  constexpr boost::asio::use_awaitable_t<Executor> token;
  return boost::asio::async_initiate<decltype(token), void(boost::system::error_code)>(
      [duration](auto handler) {
        const Executor executor = boost::asio::get_associated_executor(handler);
        (new Sleep<decltype(handler)>(std::move(handler), executor.loop()))->start(duration);
      },
      token);
}

}  // namespace chopin
