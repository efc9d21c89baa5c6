#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "connection/close_reason.hpp"

namespace chopin::connection {

/// What one worker counts. Written by its thread alone and read when that has ended.
struct Counters {
  std::uint64_t connections = 0;  ///< accepted
  std::uint64_t requests = 0;     ///< answered by a route, 404 and 405 included
  std::array<std::uint64_t, close_reason_count> closed{};

  [[nodiscard]] std::uint64_t closed_by(CloseReason reason) const noexcept {
    return closed[static_cast<std::size_t>(reason)];
  }

  Counters& operator+=(const Counters& other) noexcept {
    connections += other.connections;
    requests += other.requests;
    for (std::size_t i = 0; i < closed.size(); ++i) closed[i] += other.closed[i];
    return *this;
  }
};

/// Says in the log what was served, and how many connections had to be cut.
void log_summary(const Counters& counters);

}  // namespace chopin::connection
