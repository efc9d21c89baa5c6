#include "loop/coarse_clock.hpp"

#include <cstdint>
#include <unistd.h>

#include "loop/deadlines.hpp"
#include "loop/event_loop.hpp"
#include "system/timer_descriptor.hpp"

namespace chopin::loop {

CoarseClock::CoarseClock(EventLoop& loop) : loop_(loop), timer_(system::open_timer()) {
  loop.require_watch(timer_.get(), *this);
}

void CoarseClock::start(std::chrono::nanoseconds interval) {
  system::set_interval(timer_.get(), interval);
}

void CoarseClock::advance() noexcept {
  ++now_;
  for (TickHandler* const handler : handlers_) handler->on_tick();
  expire();
}

void CoarseClock::expire() noexcept {
  std::size_t left = most_expiries_in_a_round;
  for (DeadlineQueue* const queue : queues_) left -= queue->expire(left);
  if (left == 0) loop_.run_next_round(*this);
}

void CoarseClock::on_events(Events /*events*/) noexcept {
  std::uint64_t intervals = 0;
  if (read(timer_.get(), &intervals, sizeof intervals) > 0) advance();
}

}  // namespace chopin::loop
