#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "chopin/config.hpp"
#include "loop/deadlines.hpp"

namespace chopin::connection {

/// What a connection is waiting for, and thereby which timeout bounds it.
enum class Wait : std::uint8_t {
  head,     ///< the first request, or the rest of a head: header timeout
  body,     ///< more of a body: body timeout
  idle,     ///< the next request: idle timeout
  write,    ///< the peer to read: write timeout
  linger,   ///< the peer to close after the last response
  handler,  ///< a handler that responds later: as long as it takes
};

/// The deadlines of a worker's connections: a queue for each timeout.
class Deadlines {
 public:
  /// `clock` outlives this.
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
  /// Whether a deadline was started in this tick, so that starting it again changes nothing.
  [[nodiscard]] bool has_just_started(const loop::Deadline& deadline) const noexcept {
    return queues_.front().has_just_started(deadline);
  }

 private:
  std::array<loop::DeadlineQueue, static_cast<std::size_t>(Wait::handler)> queues_;
};

}  // namespace chopin::connection
