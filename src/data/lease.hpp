#pragma once

#include <exception>
#include <vector>

#include "chopin/executor.hpp"
#include "data/backend.hpp"
#include "data/failed_batches.hpp"
#include "loop/event_loop.hpp"
#include "loop/timers.hpp"

namespace chopin::data {

/// A lane that one coroutine has for itself, at most until a deadline: then it goes back, and what runs or is
/// started later fails with 57014. A transaction left open is rolled back.
///
/// Thread safety: the worker's thread.
/// Lifetime: must not outlive the backend.
/// Throws: std::bad_alloc from the constructor.
class Lease final : public Lane, private LaneHolder, private loop::Timer {
 public:
  /// `deadline`: on the steady clock. `coroutine`: the slot of the one that has it.
  Lease(Backend& backend, Lane& lane, Executor executor, TimePoint deadline,
        boost::asio::cancellation_slot coroutine);
  ~Lease();

  void start(Batch& batch) noexcept override;
  void withdraw(Batch& batch) noexcept override;
  void note_done(const Batch& batch, bool has_failed) noexcept override;

  /// Whether a statement has failed, after which PostgreSQL lets a transaction only be rolled back.
  [[nodiscard]] bool has_failed() const noexcept { return has_failed_; }
  [[nodiscard]] bool is_over() const noexcept { return lane_ == nullptr; }

  [[nodiscard]] Backend& backend() const noexcept { return backend_; }
  [[nodiscard]] const Executor& executor() const noexcept { return executor_; }

 private:
  void on_timer() noexcept override;
  void give_back() noexcept;

  Backend& backend_;
  Lane* lane_;
  const Executor executor_;
  std::vector<Batch*> running_;
  FailedBatches failed_;
  std::exception_ptr out_of_time_;
  bool has_failed_ = false;
};

}  // namespace chopin::data
