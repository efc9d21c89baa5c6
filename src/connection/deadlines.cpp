#include "connection/deadlines.hpp"

namespace chopin::connection {

std::uint32_t ticks_of(std::chrono::milliseconds timeout) noexcept {
  return static_cast<std::uint32_t>((timeout + Timeouts::tick - std::chrono::milliseconds{1}) /
                                    Timeouts::tick) +
         1;
}

Deadlines::Deadlines(const Timeouts& timeouts) noexcept {
  const auto allow = [this](Wait wait, std::chrono::milliseconds timeout) {
    allowed_[static_cast<std::size_t>(wait)] = ticks_of(timeout);
  };
  allow(Wait::head, timeouts.header);
  allow(Wait::body, timeouts.body);
  allowed_[static_cast<std::size_t>(Wait::handler)] = UINT32_MAX;
  allow(Wait::idle, timeouts.idle);
  allow(Wait::write, timeouts.write);
  allow(Wait::linger, Timeouts::linger);
}

}  // namespace chopin::connection
