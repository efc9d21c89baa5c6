#include "server/signals.hpp"

#include <chrono>

#include "system/stop_signals.hpp"

namespace chopin::server {

StopState serve_until_signalled(Launcher& launcher, StopRequest& request,
                                const std::function<void()>& on_ready) {
  system::StopSignals signals;
  request.wake_with(signals.waker());
  launcher.start(signals.waker());
  try {
    on_ready();
  } catch (...) {
    launcher.cut();
    launcher.join();
    throw;
  }
  StopSequence sequence(launcher);
  for (unsigned seen = 0;;) {
    const auto now = std::chrono::steady_clock::now();
    const unsigned count = signals.count() + (request.is_made() ? 1 : 0);
    if (count != seen) sequence.wish(now);
    seen = count;
    const StopState state = sequence.advance(now);
    if (state != StopState::serving && state != StopState::stopping) return state;
    signals.wait_until(sequence.next_step());
  }
}

}  // namespace chopin::server
