#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "chopin/config.hpp"
#include "loop/deadlines.hpp"

namespace chopin::connection {

/// What a connection waits for, which determines the timeout.
enum class Wait : std::uint8_t {
  head,     ///< the first request, or the rest of a head: header timeout
  body,     ///< more of a body: body timeout
  idle,     ///< the next request: idle timeout
  write,    ///< the peer to read: write timeout
  linger,   ///< the peer to close after the last response: `Timeouts::linger`
  handler,  ///< a later handler: no timeout
};

/// The deadlines of a worker's connections: one queue per timeout.
class Deadlines {
 public:
  /// `clock` must outlive this.
  Deadlines(loop::CoarseClock& clock, const Timeouts& timeouts)
      : queues_{{{clock, timeouts.header},
                 {clock, timeouts.body},
                 {clock, timeouts.idle},
                 {clock, timeouts.write},
                 {clock, Timeouts::linger}}} {}

  void start(loop::Deadline& deadline, Wait wait) noexcept {
    if (wait == Wait::handler) return deadline.stop();
    queues_[static_cast<std::size_t>(wait)].start(deadline);
  }
  /// Whether the deadline was started in this tick, so that restarting it would change nothing.
  [[nodiscard]] bool has_just_started(const loop::Deadline& deadline) const noexcept {
    return queues_.front().has_just_started(deadline);
  }

 private:
  std::array<loop::DeadlineQueue, static_cast<std::size_t>(Wait::handler)> queues_;
};

}  // namespace chopin::connection
