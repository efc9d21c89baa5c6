#include "system/timer_descriptor.hpp"

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <sys/timerfd.h>
#include <system_error>

namespace chopin::system {
namespace {

timespec timespec_of(std::chrono::nanoseconds time) noexcept {
  constexpr std::chrono::nanoseconds second = std::chrono::seconds(1);
  return {.tv_sec = time / second, .tv_nsec = (time % second).count()};
}

}  // namespace

Descriptor open_timer() {
  const int fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
  if (fd < 0) throw std::system_error(errno, std::generic_category(), "timerfd_create");
  return Descriptor(fd);
}

void set_interval(int timer, std::chrono::nanoseconds interval) {
  const itimerspec every{.it_interval = timespec_of(interval), .it_value = timespec_of(interval)};
  if (timerfd_settime(timer, 0, &every, nullptr) != 0) {
    throw std::system_error(errno, std::generic_category(), "timerfd_settime");
  }
}

void set_once(int timer, std::chrono::steady_clock::time_point when) noexcept {
  const std::chrono::nanoseconds since_boot = when.time_since_epoch();
  const auto later = std::max(since_boot, std::chrono::nanoseconds(1));  // 0 would switch it off
  const itimerspec once{.it_interval = {}, .it_value = timespec_of(later)};
  static_cast<void>(timerfd_settime(timer, TFD_TIMER_ABSTIME, &once, nullptr));  // valid, so it does not fail
}

}  // namespace chopin::system
