#pragma once

#include <cstdint>

namespace chopin::server {

/// What other threads can ask of a worker, and of the acceptor.
enum class Command : std::uint8_t {
  drain,      ///< stop accepting, finish the requests in flight
  cut,        ///< end every connection now
  make_room,  ///< at the limit of connections: close one that can be spared
  resume,     ///< accept again if accepting was paused
};

}  // namespace chopin::server
