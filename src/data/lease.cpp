#include "data/lease.hpp"

#include <algorithm>
#include <utility>

#include "chopin/database_error.hpp"

namespace chopin::data {

Lease::Lease(Backend& backend, Lane& lane, Executor executor, TimePoint deadline,
             boost::asio::cancellation_slot coroutine)
    : LaneHolder(coroutine),
      backend_(backend),
      lane_(&lane),
      executor_(executor),
      failed_(executor.loop()),
      out_of_time_(std::make_exception_ptr(
          DatabaseError("57014", "the deadline of the transaction or lease is over"))) {
  running_.reserve(8);
  executor.loop().timers().start(*this, deadline);
  backend.note_holder(*this);
}

Lease::~Lease() {
  give_back();
}

void Lease::start(Batch& batch) noexcept {
  if (lane_ == nullptr) return failed_.add(batch, out_of_time_);
  running_.push_back(&batch);
  lane_->start(batch);
}

void Lease::withdraw(Batch& batch) noexcept {
  if (std::erase(running_, &batch) > 0) {
    lane_->withdraw(batch);
  } else if (batch.is_linked()) {
    batch.unlink();  // it has failed
  }
}

void Lease::note_done(const Batch& batch, bool has_failed) noexcept {
  std::erase(running_, &batch);
  has_failed_ = has_failed_ || has_failed;
}

void Lease::on_timer() noexcept {
  const std::vector<Batch*> unfinished = std::exchange(running_, {});
  for (Batch* const batch : unfinished) lane_->withdraw(*batch);
  give_back();
  has_failed_ = true;
  for (Batch* const batch : unfinished) failed_.add(*batch, out_of_time_);
}

void Lease::give_back() noexcept {
  loop::Timer::stop();
  if (lane_ == nullptr) return;
  LaneHolder::unlink();
  for (Batch* const batch : std::exchange(running_, {})) lane_->withdraw(*batch);
  backend_.release(*std::exchange(lane_, nullptr));
}

}  // namespace chopin::data
