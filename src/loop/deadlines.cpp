#include "loop/deadlines.hpp"

namespace chopin::loop {

DeadlineQueue::DeadlineQueue(CoarseClock& clock, std::chrono::milliseconds timeout)
    : clock_(clock), ticks_(ticks_of(timeout)) {
  clock.queues_.push_back(this);
}

void DeadlineQueue::expire() noexcept {
  while (!waiting_.empty() && clock_.now() - waiting_.front().since_ >= ticks_) {
    waiting_.front().on_deadline();
  }
}

std::uint32_t ticks_of(std::chrono::milliseconds timeout) noexcept {
  return static_cast<std::uint32_t>((timeout + CoarseClock::tick - std::chrono::milliseconds{1}) /
                                    CoarseClock::tick) +
         1;
}

}  // namespace chopin::loop
