#pragma once

#include <chrono>

#include "system/descriptor.hpp"

/// timerfd_create(2) on the monotonic clock, which is that of std::chrono::steady_clock.
namespace chopin::system {

/// Non-blocking and not set. Throws std::system_error.
Descriptor open_timer();
/// Readable after each interval. Throws std::system_error.
void set_interval(int timer, std::chrono::nanoseconds interval);
/// Readable once `when` has come, and no more after it has been set again.
void set_once(int timer, std::chrono::steady_clock::time_point when) noexcept;

}  // namespace chopin::system
