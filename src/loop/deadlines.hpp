#pragma once

#include <chrono>
#include <cstdint>

#include <boost/intrusive/list.hpp>

#include "loop/coarse_clock.hpp"

namespace chopin::loop {

using DeadlineHook =
    boost::intrusive::list_base_hook<boost::intrusive::tag<class DeadlineTag>,
                                     boost::intrusive::link_mode<boost::intrusive::auto_unlink>>;

/// Expires at a tick of the coarse clock unless it is stopped first. Waits in at most one queue.
class Deadline : public DeadlineHook {
 public:
  Deadline() noexcept = default;
  Deadline(const Deadline&) = delete;
  Deadline& operator=(const Deadline&) = delete;

  /// The deadline has expired. Must delete, stop or restart it.
  virtual void on_deadline() noexcept = 0;

  void stop() noexcept { DeadlineHook::unlink(); }

 protected:
  ~Deadline() = default;

 private:
  friend class DeadlineQueue;

  std::uint32_t since_ = UINT32_MAX;  // the tick it was started in; initially one that never comes
};

/// Deadlines of one length. A deadline that is started goes to the end, so the queue is always in the order
/// of expiry: starting, stopping and expiring are O(1).
class DeadlineQueue {
 public:
  /// A deadline expires when `timeout` has passed, rounded up to ticks, or up to one tick later. `clock` must
  /// outlive this.
  DeadlineQueue(CoarseClock& clock, std::chrono::milliseconds timeout);
  DeadlineQueue(const DeadlineQueue&) = delete;
  DeadlineQueue& operator=(const DeadlineQueue&) = delete;

  void start(Deadline& deadline) noexcept {
    if (deadline.DeadlineHook::is_linked()) deadline.DeadlineHook::unlink();
    deadline.since_ = clock_.now();
    waiting_.push_back(deadline);
  }
  /// Whether the deadline was started in this tick, so that restarting it would change nothing.
  [[nodiscard]] bool has_just_started(const Deadline& deadline) const noexcept {
    return deadline.since_ == clock_.now();
  }
  /// Called by the clock at each tick.
  void expire() noexcept;

 private:
  CoarseClock& clock_;
  std::uint32_t ticks_;
  boost::intrusive::list<Deadline, boost::intrusive::base_hook<DeadlineHook>,
                         boost::intrusive::constant_time_size<false>>
      waiting_;
};

/// The number of ticks after which `timeout` has certainly passed: rounded up, plus one because the first
/// tick may come at once.
std::uint32_t ticks_of(std::chrono::milliseconds timeout) noexcept;

}  // namespace chopin::loop
