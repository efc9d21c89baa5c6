#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>

#include "chopin/config.hpp"
#include "loop/deadlines.hpp"
#include "loop/event_loop.hpp"

namespace chopin::connection {

/// What a connection waits for, which determines the timeout.
enum class Wait : std::uint8_t {
  head,     ///< the first request, or the rest of a head: header timeout
  body,     ///< more of a body: body timeout
  idle,     ///< the next request: idle timeout
  write,    ///< the peer to read: write timeout
  handler,  ///< a handler that responds later: handler timeout

  stream,  ///< a handler that responds in parts: no timeout

  // While the worker drains. By the coarse clock these could take twice their time, so they are exact.
  drain_first,  ///< the first request: `Timeouts::drain_first`
  drain_next,   ///< the next request: `Timeouts::drain_next`

  // After the last response: all values from here on.
  linger,        ///< input to discard, or the peer to close: `Timeouts::linger`
  drain_linger,  ///< the same while the worker drains: `Timeouts::drain_linger`
};

/// The deadlines of a worker's connections: one queue per timeout.
class Deadlines {
 public:
  /// `loop` must outlive this.
  Deadlines(loop::EventLoop& loop, const Timeouts& timeouts)
      : queues_{{{loop.clock(), timeouts.header},
                 {loop.clock(), timeouts.body},
                 {loop.clock(), timeouts.idle},
                 {loop.clock(), timeouts.write},
                 {loop.clock(), timeouts.handler}}},
        soon_(loop.clock(), std::chrono::milliseconds(0)),
        linger_(loop.clock(), Timeouts::linger),
        drain_first_(loop.timers(), Timeouts::drain_first),
        drain_next_(loop.timers(), Timeouts::drain_next),
        drain_linger_(loop.timers(), Timeouts::drain_linger) {}

  void start(loop::Deadline& deadline, Wait wait) noexcept {
    if (wait > Wait::handler) [[unlikely]]
      return start_rare(deadline, wait);
    queues_[static_cast<std::size_t>(wait)].start(deadline);
  }
  /// The queue of a wait that is no part of a drain.
  [[nodiscard]] loop::DeadlineQueue& queue(Wait wait) noexcept {
    return wait == Wait::linger ? linger_ : queues_[static_cast<std::size_t>(wait)];
  }
  /// Whether the deadline was started in this tick, so that restarting it would change nothing.
  [[nodiscard]] bool has_just_started(const loop::Deadline& deadline) const noexcept {
    return queues_.front().has_just_started(deadline);
  }
  /// For a deadline by the coarse clock: ticks since it was started.
  [[nodiscard]] std::uint32_t ticks_since_start(const loop::Deadline& deadline) const noexcept {
    return queues_.front().ticks_since_start(deadline);
  }
  /// Lets it expire with the next tick.
  void expire_soon(loop::Deadline& deadline) noexcept { soon_.start(deadline); }

 private:
  void start_rare(loop::Deadline& deadline, Wait wait) noexcept {
    switch (wait) {
      case Wait::drain_first: return drain_first_.start(deadline);
      case Wait::drain_next: return drain_next_.start(deadline);
      case Wait::linger: return linger_.start(deadline);
      case Wait::drain_linger: return drain_linger_.start(deadline);
      default: return deadline.stop();
    }
  }

  std::array<loop::DeadlineQueue, static_cast<std::size_t>(Wait::handler) + 1> queues_;
  loop::DeadlineQueue soon_;
  loop::DeadlineQueue linger_;
  loop::ExactDeadlineQueue drain_first_;
  loop::ExactDeadlineQueue drain_next_;
  loop::ExactDeadlineQueue drain_linger_;
};

}  // namespace chopin::connection
