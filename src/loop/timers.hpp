#pragma once

#include <chrono>
#include <cstddef>

#include <boost/intrusive/set.hpp>

#include "loop/event_handler.hpp"
#include "system/descriptor.hpp"

namespace chopin::loop {

class EventLoop;

/// Something that is called at a given time, exact to a millisecond. The destructor stops it.
class Timer
    : public boost::intrusive::set_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  Timer() noexcept = default;
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

  /// Called on the loop's thread. The timer is stopped by then; it may be restarted or deleted.
  virtual void on_timer() noexcept = 0;
  /// Called instead if the loop ends first. A timer that owns itself deletes itself in both.
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
/// The timerfd is set only for a timer that is earlier than the time it is set for, and is not set back when
/// a timer is stopped. So it may fire once in vain, but stopping a timer costs no system call.
class Timers final : public EventHandler {
 public:
  /// Throws std::system_error.
  explicit Timers(EventLoop& loop);

  /// Starts or restarts the timer.
  void start(Timer& timer, Timer::TimePoint when) noexcept;
  void discard_all() noexcept;

 private:
  void on_events(Events events) noexcept override;
  void set_for_earliest() noexcept;

  EventLoop& loop_;
  system::Descriptor descriptor_;
  boost::intrusive::multiset<Timer, boost::intrusive::constant_time_size<false>> waiting_;
  Timer::TimePoint set_for_ = Timer::TimePoint::max();     // when the timerfd fires
  Timer::TimePoint not_before_ = Timer::TimePoint::min();  // while timers run: the time of those started now
};

}  // namespace chopin::loop
