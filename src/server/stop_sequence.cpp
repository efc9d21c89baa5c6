#include "server/stop_sequence.hpp"

#include <algorithm>

namespace chopin::server {

void StopSequence::wish(TimePoint now) noexcept {
  if (wishes_ > 0 && now - last_wish_ < between_wishes) return;
  last_wish_ = now;
  ++wishes_;
  if (wishes_ == 1) {
    launcher_.log().info("stopping: no new connections, requests in flight are finished");
    launcher_.drain();
    begin(now);
  } else if (wishes_ == 2) {
    launcher_.log().warn("stopping at once");
    launcher_.cut();
    bound_ = std::min(bound_, now + beyond_cut);
    next_step_ = std::min(next_step_, bound_);
  }
}

/// The time of the last wish that has counted.
void StopSequence::begin(TimePoint now) noexcept {
  bound_ = now + (wishes_ > 1 ? beyond_cut : launcher_.config().timeouts.drain + beyond_drain);
  abandon_at_ = now + until_abandoned;
  next_step_ = listens_ ? std::min(abandon_at_, bound_) : bound_;
}

StopState StopSequence::advance(TimePoint now) noexcept {
  if (launcher_.has_ended()) return StopState::ended;
  if (wishes_ == 0) return StopState::serving;
  if (now - next_step_ >= standstill) begin(now);
  if (listens_ && now >= abandon_at_) {
    listens_ = false;
    launcher_.abandon_listening();
    next_step_ = bound_;
  }
  if (now < bound_) return StopState::stopping;
  return wishes_ > 1 ? StopState::hurried : StopState::overdue;
}

bool stop(Launcher& launcher) noexcept {
  using Clock = std::chrono::steady_clock;
  StopSequence sequence(launcher);
  sequence.wish(Clock::now());
  for (;;) {
    const StopState state = sequence.advance(Clock::now());
    if (state != StopState::stopping) return state == StopState::ended;
    launcher.wait_until(sequence.next_step());
  }
}

}  // namespace chopin::server
