#include "loop/ticker.hpp"

#include <cerrno>
#include <cstdint>
#include <ctime>
#include <sys/timerfd.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace chopin::loop {
namespace {

int open_timer() {
  const int fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
  if (fd < 0) throw std::system_error(errno, std::generic_category(), "timerfd_create");
  return fd;
}

}  // namespace

Ticker::Ticker(Readiness& readiness, std::function<void()> on_tick)
    : timer_(open_timer()), on_tick_(std::move(on_tick)) {
  readiness.require_watch(timer_.get(), *this);
}

void Ticker::start(std::chrono::nanoseconds interval) {
  constexpr std::chrono::nanoseconds second = std::chrono::seconds(1);
  const timespec time{.tv_sec = interval / second, .tv_nsec = (interval % second).count()};
  const itimerspec every{.it_interval = time, .it_value = time};
  if (timerfd_settime(timer_.get(), 0, &every, nullptr) != 0) {
    throw std::system_error(errno, std::generic_category(), "timerfd_settime");
  }
}

void Ticker::on_ready(Events /*events*/) {
  std::uint64_t intervals = 0;
  if (read(timer_.get(), &intervals, sizeof intervals) > 0) on_tick_();
}

}  // namespace chopin::loop
