#pragma once

#include <exception>

#include <boost/intrusive/list.hpp>

#include "data/batch.hpp"
#include "loop/event_loop.hpp"

namespace chopin::data {

using BatchList = boost::intrusive::list<Batch, boost::intrusive::constant_time_size<false>>;

inline void discard_all(BatchList& batches) noexcept {
  while (!batches.empty()) {
    Batch& batch = batches.front();
    batches.pop_front();
    batch.discard();
  }
}

/// Batches that failed at once: completed in the next round, because `on_done` must not be called within
/// Lane::start. One that is withdrawn is to be unlinked.
///
/// Thread safety: the loop's thread.
/// Lifetime: must not outlive the loop.
/// Throws: nothing.
class FailedBatches final : private loop::Task {
 public:
  explicit FailedBatches(loop::EventLoop& loop) noexcept : loop_(loop) {}
  ~FailedBatches() { discard_all(waiting_); }
  FailedBatches(const FailedBatches&) = delete;
  FailedBatches& operator=(const FailedBatches&) = delete;

  void add(Batch& batch, const std::exception_ptr& error) noexcept {
    batch.fail(error);
    batch.note_holder(this);
    waiting_.push_back(batch);
    loop_.run_next_round(*this);
  }

 private:
  void run() noexcept override {
    BatchList ready;
    ready.swap(waiting_);
    while (!ready.empty()) {
      Batch& batch = ready.front();
      ready.pop_front();
      batch.on_done();
    }
  }

  loop::EventLoop& loop_;
  BatchList waiting_;
};

}  // namespace chopin::data
