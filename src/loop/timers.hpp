#pragma once

#include <chrono>
#include <cstddef>

#include <boost/intrusive/set.hpp>

#include "loop/event_handler.hpp"
#include "system/descriptor.hpp"

namespace chopin::loop {

class EventLoop;

/// Something to do at a time that is exact to a millisecond. Waits at most once at a time, and its destructor
/// ends the wait.
class Timer
    : public boost::intrusive::set_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  Timer() noexcept = default;
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

  /// On the loop's thread. The timer waits no more; it may be started again or deleted.
  virtual void on_timer() noexcept = 0;
  /// Instead, where the loop ends first. A timer that owns itself deletes itself in both.
  virtual void discard() noexcept {}

  [[nodiscard]] bool is_waiting() const noexcept { return is_linked(); }
  void stop() noexcept { unlink(); }

  friend bool operator<(const Timer& a, const Timer& b) noexcept { return a.when_ < b.when_; }

 protected:
  ~Timer() = default;

 private:
  friend class Timers;  // NOLINT(cppcoreguidelines-virtual-class-destructor): which is final

  TimePoint when_;
};

/// A loop's exact timers, in order, on one timerfd. Starting and stopping are O(log n) and allocate nothing.
/// The timerfd is set only when a timer starts that is earlier than what it is set for: it may fire once for
/// a timer that has been stopped, which saves a system call for each of the many that are stopped in time.
class Timers final : public EventHandler {
 public:
  /// Throws std::system_error.
  explicit Timers(EventLoop& loop);

  /// Starts the timer, or starts it again.
  void start(Timer& timer, Timer::TimePoint when) noexcept;
  void discard_all() noexcept;

 private:
  void on_events(Events events) noexcept override;
  void set_for_earliest() noexcept;

  EventLoop& loop_;
  system::Descriptor descriptor_;
  boost::intrusive::multiset<Timer, boost::intrusive::constant_time_size<false>> waiting_;
  Timer::TimePoint set_for_ = Timer::TimePoint::max();     // when the timerfd fires
  Timer::TimePoint not_before_ = Timer::TimePoint::min();  // what starts now
};

}  // namespace chopin::loop
