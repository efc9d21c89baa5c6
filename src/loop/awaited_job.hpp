#pragma once

#include <chrono>
#include <exception>
#include <memory>

#include "chopin/executor.hpp"
#include "loop/work_pool.hpp"

namespace chopin::loop {

/// A job that a coroutine waits for: see `await_job`.
///
/// Thread safety, lifetime: as PoolJob.
/// Throws: nothing.
class AwaitedJob : public PoolJob {
 public:
  /// Called on the loop's thread.
  class Waiter {
   public:
    virtual void on_job_done() noexcept = 0;

   protected:
    ~Waiter() = default;
  };

  /// To be called before the job is given to a pool.
  void set_waiter(Waiter& waiter) noexcept { waiter_ = &waiter; }

 private:
  void on_done() noexcept final { waiter_->on_job_done(); }

  Waiter* waiter_ = nullptr;
};

/// How long a coroutine waits, and what the HttpError 503 says if that is in vain.
struct JobWait {
  std::chrono::milliseconds patience;
  const char* too_many;  ///< jobs wait already
  const char* too_late;  ///< `patience` is over
};

/// Gives a job to a pool and suspends the calling coroutine until it is done. Throws HttpError 503 with
/// Retry-After as `wait` says; boost::system::system_error with operation_aborted if the coroutine is
/// cancelled; std::bad_alloc. Then the job is withdrawn. The pool must outlive the coroutine.
chopin::Task<> await_job(WorkPool& pool, std::shared_ptr<AwaitedJob> job, JobWait wait);

/// What `await_job` throws if it waits in vain: for a job that has failed in the pool.
std::exception_ptr unavailable(const char* message, const char* retry_after) noexcept;

}  // namespace chopin::loop
