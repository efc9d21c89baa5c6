#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "system/descriptor.hpp"

namespace chopin::server {

/// Responds to connections for which there is no room: a 503 with Retry-After, without waiting for a request.
/// Each socket stays open for a tick or two and what it has received is read before it is closed, because
/// closing with unread input resets the connection, and the client may lose the response (RFC 9112 section
/// 9.6). Only so many wait, the others are closed at once.
///
/// Thread safety: one thread, that of the listener.
/// Lifetime: the listener's.
/// Throws: the constructor.
class Refusals {
 public:
  /// These descriptors are not counted as connections.
  static constexpr std::size_t most_open = 16;

  Refusals();

  void refuse(system::Descriptor socket) noexcept;
  /// To be called at each tick of the coarse clock.
  void on_tick() noexcept;

 private:
  std::string response_;
  std::vector<system::Descriptor> open_;  // the first `old_` since before the last tick
  std::size_t old_ = 0;
};

}  // namespace chopin::server
