#pragma once

#include <cstdint>

namespace chopin::server {

/// What other threads can ask of a worker, and of the acceptor.
enum class Command : std::uint8_t {
  drain,   ///< stop accepting, finish the requests in flight
  cut,     ///< end every connection now
  resume,  ///< accept again if accepting was paused
};

}  // namespace chopin::server
