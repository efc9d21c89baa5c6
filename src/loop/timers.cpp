#include "loop/timers.hpp"

#include <algorithm>

#include "loop/event_loop.hpp"
#include "system/timer_descriptor.hpp"

namespace chopin::loop {

Timers::Timers(EventLoop& loop) : loop_(loop), descriptor_(system::open_timer()) {
  loop.require_watch(descriptor_.get(), *this);
}

void Timers::discard_all() noexcept {
  while (!waiting_.empty()) {
    Timer& timer = *waiting_.begin();
    timer.stop();
    timer.discard();
  }
}

void Timers::start(Timer& timer, Timer::TimePoint when) noexcept {
  if (timer.is_waiting()) timer.stop();
  timer.when_ = std::max(when, not_before_);
  waiting_.insert(timer);
  const bool is_in_pass = not_before_ != Timer::TimePoint::min();
  if (!is_in_pass) set_for_earliest();
}

void Timers::set_for_earliest() noexcept {
  if (waiting_.empty() || waiting_.begin()->when_ >= set_for_) return;
  set_for_ = waiting_.begin()->when_;
  system::set_once(descriptor_.get(), set_for_);
}

/// Timers that are started meanwhile wait for another round, so that they cannot hold up the loop. The
/// timerfd need not be read: it is edge-triggered, and setting it makes the next expiry a new edge.
void Timers::on_events(Events /*events*/) noexcept {
  const Timer::TimePoint now = std::chrono::steady_clock::now();
  set_for_ = Timer::TimePoint::max();
  not_before_ = now + std::chrono::nanoseconds(1);
  loop_.note_application_code();
  while (!waiting_.empty() && waiting_.begin()->when_ <= now) {
    Timer& timer = *waiting_.begin();
    timer.stop();
    timer.on_timer();
  }
  not_before_ = Timer::TimePoint::min();
  set_for_earliest();
}

}  // namespace chopin::loop
