#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "system/descriptor.hpp"

namespace chopin::connection {

/// Responds to connections that are not served, without waiting for a request.
/// Each socket stays open for a tick or two and what it has received is read before it is closed, because
/// closing with unread input resets the connection, and the client may lose the response (RFC 9112 section
/// 9.6). Only so many wait, the others are closed at once.
///
/// Thread safety: one thread.
/// Lifetime: its owner's.
/// Throws: the constructor.
class Refusals {
 public:
  /// These descriptors are not counted as connections.
  static constexpr std::size_t most_open = 16;

  Refusals() { open_.reserve(most_open); }

  void refuse(system::Descriptor socket, std::string_view response) noexcept;
  /// To be called at each tick of the coarse clock.
  void on_tick() noexcept;

 private:
  std::vector<system::Descriptor> open_;  // the first `old_` since before the last tick
  std::size_t old_ = 0;
};

}  // namespace chopin::connection
