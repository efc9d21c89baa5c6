#include "loop/awaited_job.hpp"

#include <exception>
#include <utility>

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

#include "chopin/error.hpp"
#include "loop/event_loop.hpp"
#include "loop/timers.hpp"

namespace chopin::loop {
namespace {

std::exception_ptr aborted() noexcept {
  try {
    return std::make_exception_ptr(boost::system::system_error(boost::asio::error::operation_aborted));
  } catch (...) {
    return std::current_exception();
  }
}

/// A coroutine that waits for a job. Owns itself.
template <class Handler>
class Waiting final : public Timer, private AwaitedJob::Waiter {
 public:
  Waiting(Handler handler, EventLoop& loop, WorkPool& pool, std::shared_ptr<AwaitedJob> job,
          const JobWait& wait)
      : handler_(std::move(handler)), loop_(loop), pool_(pool), job_(std::move(job)), wait_(wait) {}

  /// Throws std::bad_alloc, and has then deleted itself.
  void start() try {
    auto slot = boost::asio::get_associated_cancellation_slot(handler_);
    if (slot.is_connected()) {
      slot.assign([this](boost::asio::cancellation_type) { end_soon(aborted()); });
    }
    Waiter& waiter = *this;
    job_->set_waiter(waiter);
    loop_.timers().start(*this, std::chrono::steady_clock::now() + wait_.patience);
    if (!pool_.add(job_, loop_.tasks())) end_soon(unavailable(wait_.too_many, "2"));
  } catch (...) {
    delete this;
    throw;
  }

  void on_timer() noexcept override {
    pool_.withdraw(*job_);
    if (error_ == nullptr) error_ = unavailable(wait_.too_late, "5");
    complete();
  }
  void discard() noexcept override {
    pool_.withdraw(*job_);
    delete this;
  }

 private:
  ~Waiting() = default;

  void on_job_done() noexcept override {
    stop();
    complete();
  }

  /// Not completed at once: the caller must not be called back within its own call.
  void end_soon(std::exception_ptr error) noexcept {
    pool_.withdraw(*job_);
    error_ = std::move(error);
    loop_.timers().start(*this, TimePoint::min());
  }

  void complete() noexcept {
    const Log& log = loop_.log();
    try {
      Handler handler(std::move(handler_));
      std::exception_ptr error = std::move(error_);
      delete this;
      boost::asio::get_associated_cancellation_slot(handler).clear();
      std::move(handler)(std::move(error));
    } catch (...) {
      log_task_exception(log);
    }
  }

  Handler handler_;
  EventLoop& loop_;
  WorkPool& pool_;
  const std::shared_ptr<AwaitedJob> job_;
  const JobWait wait_;
  std::exception_ptr error_;
};

}  // namespace

std::exception_ptr unavailable(const char* message, const char* retry_after) noexcept {
  try {
    HttpError error(503, message);
    error.add_field("Retry-After", retry_after);
    return std::make_exception_ptr(std::move(error));
  } catch (...) {
    return std::current_exception();
  }
}

/// No coroutine: g++ 12 destroys what a lambda in an awaited expression has captured twice.
chopin::Task<> await_job(WorkPool& pool, std::shared_ptr<AwaitedJob> job, JobWait wait) {
  constexpr boost::asio::use_awaitable_t<Executor> token;
  return boost::asio::async_initiate<decltype(token), void(std::exception_ptr)>(
      [&pool, wait, job = std::move(job)](auto handler) mutable {
        const Executor executor = boost::asio::get_associated_executor(handler);
        (new Waiting<decltype(handler)>(std::move(handler), executor.loop(), pool, std::move(job), wait))
            ->start();
      },
      token);
}

}  // namespace chopin::loop
