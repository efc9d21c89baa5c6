#include "loop/readiness.hpp"

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstdint>
#include <exception>
#include <system_error>

namespace chopin::loop {
namespace {

constexpr std::uint32_t input_events = EPOLLIN | EPOLLRDHUP | EPOLLET;

int open_epoll() {
  const int fd = epoll_create1(EPOLL_CLOEXEC);
  if (fd < 0) throw std::system_error(errno, std::generic_category(), "epoll_create1");
  return fd;
}

int control(int epoll_fd, int operation, int fd, std::uint32_t events, ReadinessTarget& target) noexcept {
  epoll_event event{};
  event.events = events;
  event.data.ptr = &target;
  return epoll_ctl(epoll_fd, operation, fd, &event) == 0 ? 0 : errno;
}

}  // namespace

Readiness::Readiness() : epoll_(open_epoll()) {}

int Readiness::watch(int fd, ReadinessTarget& target) noexcept {
  return control(epoll_.get(), EPOLL_CTL_ADD, fd, input_events, target);
}

void Readiness::require_watch(int fd, ReadinessTarget& target) {
  const int error = watch(fd, target);
  if (error != 0) throw std::system_error(error, std::generic_category(), "epoll_ctl");
}

int Readiness::watch_writable_too(int fd, ReadinessTarget& target) noexcept {
  return control(epoll_.get(), EPOLL_CTL_MOD, fd, input_events | EPOLLOUT, target);
}

void Readiness::make_room(std::size_t targets) {
  targets += turns_.size();  // of those that are forgotten the places are still taken
  if (turns_.capacity() >= targets && served_.capacity() >= targets) return;
  turns_.reserve(std::bit_ceil(targets));
  served_.reserve(std::bit_ceil(targets));
}

void Readiness::forget(const ReadinessTarget& target) noexcept {
  for (std::size_t i = batch_at_; i < batch_end_; ++i) {
    if (batch_[i].data.ptr == &target) batch_[i].data.ptr = nullptr;
  }
  std::ranges::replace(turns_, &target, nullptr);
  std::ranges::replace(served_, &target, nullptr);
}

bool Readiness::run_round(int timeout) noexcept {
  const bool had_turns = has_turns();
  if (had_turns) [[unlikely]]
    run_turns();
  return dispatch_batch(had_turns ? 0 : timeout) || had_turns;
}

void Readiness::run_turns() noexcept {
  served_.swap(turns_);
  std::size_t next = 0;  // a new connection may move them
  while (next < served_.size()) {
    ReadinessTarget* const waiting = served_[next++];
    if (waiting == nullptr) continue;  // forgotten since
    guarded(*waiting, [](ReadinessTarget& target) { target.on_turn(); });
  }
  served_.clear();
}

/// False where nothing was ready.
bool Readiness::dispatch_batch(int timeout) noexcept {
  const int ready = epoll_wait(epoll_.get(), batch_.data(), static_cast<int>(batch_.size()), timeout);
  if (ready <= 0) return false;
  batch_end_ = static_cast<std::size_t>(ready);
  for (batch_at_ = 0; batch_at_ < batch_end_;) {
    const epoll_event& event = batch_[batch_at_++];
    if (event.data.ptr == nullptr) continue;  // forgotten since
    tell(*static_cast<ReadinessTarget*>(event.data.ptr), ReadinessTarget::Events(event.events));
  }
  batch_at_ = batch_end_ = 0;
  return true;
}

void Readiness::tell(ReadinessTarget& target, ReadinessTarget::Events events) noexcept {
  guarded(target, [events](ReadinessTarget& ready) { ready.on_ready(events); });
}

/// Memory has run out, most likely. The others that are ready must hear of it all the same: an edge comes
/// once.
template <class Call>
void Readiness::guarded(ReadinessTarget& target, Call call) noexcept {
  try {
    call(target);
  } catch (const std::exception&) {
    target.on_failure();
  }
}

}  // namespace chopin::loop
