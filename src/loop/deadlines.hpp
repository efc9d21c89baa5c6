#pragma once

#include <chrono>
#include <cstdint>

#include <boost/intrusive/list.hpp>

#include "loop/coarse_clock.hpp"

namespace chopin::loop {

using DeadlineHook =
    boost::intrusive::list_base_hook<boost::intrusive::tag<class DeadlineTag>,
                                     boost::intrusive::link_mode<boost::intrusive::auto_unlink>>;

/// Something that must have happened by a tick of the coarse clock. Waits in at most one queue.
class Deadline : public DeadlineHook {
 public:
  Deadline() noexcept = default;
  Deadline(const Deadline&) = delete;
  Deadline& operator=(const Deadline&) = delete;

  /// The time is over. Must end the wait: delete this, stop the deadline or start it again.
  virtual void on_deadline() noexcept = 0;

  void stop() noexcept { DeadlineHook::unlink(); }

 protected:
  ~Deadline() = default;

 private:
  friend class DeadlineQueue;

  std::uint32_t since_ = UINT32_MAX;  // tick; at first none that the clock reaches
};

/// Deadlines that may all take equally long. So the queue stays in order when a deadline that starts again
/// goes to its end: starting, stopping and expiring are O(1).
class DeadlineQueue {
 public:
  /// A deadline expires when `timeout` is certainly over, and at most one tick later. `clock` outlives this.
  DeadlineQueue(CoarseClock& clock, std::chrono::milliseconds timeout);
  DeadlineQueue(const DeadlineQueue&) = delete;
  DeadlineQueue& operator=(const DeadlineQueue&) = delete;

  void start(Deadline& deadline) noexcept {
    if (deadline.DeadlineHook::is_linked()) deadline.DeadlineHook::unlink();
    deadline.since_ = clock_.now();
    waiting_.push_back(deadline);
  }
  /// Whether a deadline of this queue was started in this tick, so that starting it again changes nothing.
  [[nodiscard]] bool has_just_started(const Deadline& deadline) const noexcept {
    return deadline.since_ == clock_.now();
  }
  /// What the clock calls at each tick.
  void expire() noexcept;

 private:
  CoarseClock& clock_;
  std::uint32_t ticks_;
  boost::intrusive::list<Deadline, boost::intrusive::base_hook<DeadlineHook>,
                         boost::intrusive::constant_time_size<false>>
      waiting_;
};

/// Ticks after which a wait has certainly lasted `timeout`, and at most one tick longer.
std::uint32_t ticks_of(std::chrono::milliseconds timeout) noexcept;

}  // namespace chopin::loop
