#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

#include <boost/intrusive/list.hpp>

#include "loop/coarse_clock.hpp"
#include "loop/timers.hpp"

namespace chopin::loop {

using DeadlineHook =
    boost::intrusive::list_base_hook<boost::intrusive::tag<class DeadlineTag>,
                                     boost::intrusive::link_mode<boost::intrusive::auto_unlink>>;

/// Expires when the length of its queue has passed, unless it is stopped first. Waits in at most one queue.
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

  // For the owner: how far what it waits for has come. Lies where alignment leaves room.
  std::uint32_t progress_ = 0;

 private:
  friend class DeadlineQueue;
  friend class ExactDeadlineQueue;  // NOLINT(cppcoreguidelines-virtual-class-destructor): which is final

  // When it was started: a tick, or a time in milliseconds in an exact queue. Initially a tick that never
  // comes.
  std::uint32_t since_ = UINT32_MAX;
};

using DeadlineList = boost::intrusive::list<Deadline, boost::intrusive::base_hook<DeadlineHook>,
                                            boost::intrusive::constant_time_size<false>>;

/// Deadlines of one length, by the coarse clock. A deadline that is started goes to the end, so the queue is
/// always in the order of expiry: starting, stopping and expiring are O(1).
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
  /// Offers at most `most` deadlines that were started `ticks` ago or earlier to `take`, the oldest first,
  /// until it returns true: then it may have stopped that one or deleted it.
  template <class Take>
  bool offer_oldest(std::size_t most, std::uint32_t ticks, Take take) noexcept {
    for (Deadline& deadline : waiting_) {
      if (most-- == 0 || clock_.now() - deadline.since_ < ticks) return false;
      if (take(deadline)) return true;
    }
    return false;
  }
  /// Ticks since the deadline was started, in this queue or in another by the same clock.
  [[nodiscard]] std::uint32_t ticks_since_start(const Deadline& deadline) const noexcept {
    return clock_.now() - deadline.since_;
  }
  /// Lets up to `most` deadlines expire and returns how many did. Called by the clock.
  std::size_t expire(std::size_t most) noexcept;

 private:
  CoarseClock& clock_;
  std::uint32_t ticks_;
  DeadlineList waiting_;
};

/// The same with an exact timer for the first deadline. Starting one reads the system's clock, so this is for
/// what is rare.
class ExactDeadlineQueue final : private Timer {
 public:
  /// A deadline expires when `timeout` has passed, or up to a millisecond later. `timers` must outlive this.
  ExactDeadlineQueue(Timers& timers, std::chrono::milliseconds timeout) noexcept;
  ExactDeadlineQueue(const ExactDeadlineQueue&) = delete;
  ExactDeadlineQueue& operator=(const ExactDeadlineQueue&) = delete;

  void start(Deadline& deadline) noexcept;

 private:
  void on_timer() noexcept override;
  /// The time in milliseconds. Wraps around after 49 days, so only differences mean something.
  static std::uint32_t now() noexcept;
  [[nodiscard]] bool first_has_expired(std::uint32_t now) const noexcept {
    return now - waiting_.front().since_ >= length_;
  }
  void set_timer(std::uint32_t now) noexcept;

  Timers& timers_;
  const std::uint32_t length_;  // in milliseconds
  DeadlineList waiting_;
};

/// How many connections a loop ends for their deadlines before it serves the others again: closing a socket
/// takes the kernel some 10 microseconds.
inline constexpr std::size_t most_expiries_in_a_round = 256;

/// The number of ticks after which `timeout` has certainly passed: rounded up, plus one because the first
/// tick may come at once.
std::uint32_t ticks_of(std::chrono::milliseconds timeout) noexcept;

}  // namespace chopin::loop
