#include "loop/deadlines.hpp"

namespace chopin::loop {

DeadlineQueue::DeadlineQueue(CoarseClock& clock, std::chrono::milliseconds timeout)
    : clock_(clock), ticks_(ticks_of(timeout)) {
  clock.queues_.push_back(this);
}

std::size_t DeadlineQueue::expire(std::size_t most) noexcept {
  std::size_t expired = 0;
  while (expired < most && !waiting_.empty() && clock_.now() - waiting_.front().since_ >= ticks_) {
    waiting_.front().on_deadline();
    ++expired;
  }
  return expired;
}

/// A millisecond more than asked for: both times are rounded down.
ExactDeadlineQueue::ExactDeadlineQueue(Timers& timers, std::chrono::milliseconds timeout) noexcept
    : timers_(timers), length_(static_cast<std::uint32_t>(timeout.count()) + 1) {}

void ExactDeadlineQueue::start(Deadline& deadline) noexcept {
  if (deadline.DeadlineHook::is_linked()) deadline.DeadlineHook::unlink();
  deadline.since_ = now();
  waiting_.push_back(deadline);
  if (!is_waiting()) set_timer(deadline.since_);
}

/// A deadline that is stopped leaves the timer as it is: then it may run once in vain.
void ExactDeadlineQueue::on_timer() noexcept {
  const std::uint32_t time = now();
  for (std::size_t i = 0; i < most_expiries_in_a_round && !waiting_.empty() && first_has_expired(time); ++i) {
    waiting_.front().on_deadline();
  }
  if (!waiting_.empty()) set_timer(time);
}

std::uint32_t ExactDeadlineQueue::now() noexcept {
  const auto time = std::chrono::steady_clock::now().time_since_epoch();
  return static_cast<std::uint32_t>(std::chrono::floor<std::chrono::milliseconds>(time).count());
}

void ExactDeadlineQueue::set_timer(std::uint32_t now) noexcept {
  const std::uint32_t left = first_has_expired(now) ? 0 : length_ - (now - waiting_.front().since_);
  timers_.start(*this, std::chrono::steady_clock::now() + std::chrono::milliseconds(left));
}

std::uint32_t ticks_of(std::chrono::milliseconds timeout) noexcept {
  return static_cast<std::uint32_t>((timeout + CoarseClock::tick - std::chrono::milliseconds{1}) /
                                    CoarseClock::tick) +
         1;
}

}  // namespace chopin::loop
