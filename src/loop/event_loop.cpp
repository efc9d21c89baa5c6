#include "loop/event_loop.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <fcntl.h>
#include <system_error>
#include <unistd.h>
#include <utility>

#include <boost/asio/execution_context.hpp>

#include "loop/asio_context.hpp"
#include "system/direct_calls.hpp"

namespace chopin::loop {
namespace {

constexpr std::uint32_t input_events = EPOLLIN | EPOLLRDHUP | EPOLLET;

system::Descriptor open_epoll() {
  const int fd = epoll_create1(EPOLL_CLOEXEC);
  if (fd < 0) throw std::system_error(errno, std::generic_category(), "epoll_create1");
  return system::Descriptor(fd);
}

int control(int epoll_fd, int operation, int fd, std::uint32_t events, EventHandler& handler) noexcept {
  epoll_event event{};
  event.events = events;
  event.data.ptr = &handler;
  return epoll_ctl(epoll_fd, operation, fd, &event) == 0 ? 0 : errno;
}

}  // namespace

EventLoop::EventLoop(Log log)
    : epoll_(open_epoll()),
      turns_(*this),
      clock_(*this),
      timers_(*this),
      tasks_(std::make_shared<TaskQueue>(*this, std::move(log))),
      asio_context_(make_asio_context()) {}

EventLoop::~EventLoop() {
  close();
}

void EventLoop::close() noexcept {
  tasks_->close();
  timers_.discard_all();
  this_round_.discard_all();
  next_round_.discard_all();
  round_end_.discard_all();
  turns_.discard_all();
}

int EventLoop::watch(int fd, EventHandler& handler) noexcept {
  return control(epoll_.get(), EPOLL_CTL_ADD, fd, input_events, handler);
}

void EventLoop::require_watch(int fd, EventHandler& handler) {
  const int error = watch(fd, handler);
  if (error != 0) throw std::system_error(error, std::generic_category(), "epoll_ctl");
}

int EventLoop::watch_writable_too(int fd, EventHandler& handler) noexcept {
  return control(epoll_.get(), EPOLL_CTL_MOD, fd, input_events | EPOLLOUT, handler);
}

void EventLoop::unwatch(int fd, const EventHandler& handler) noexcept {
  epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, nullptr);
  forget(handler);
}

/// Replacing a descriptor, unlike closing it, leaves no moment in which another file may get its number.
bool EventLoop::abandon(int fd) noexcept {
  epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, nullptr);
  return dup3(epoll_.get(), fd, O_CLOEXEC) >= 0;
}

void EventLoop::forget(const EventHandler& handler) noexcept {
  turns_.forget(handler);
  for (std::size_t i = batch_at_; i < batch_end_; ++i) {
    if (batch_[i].data.ptr == &handler) batch_[i].data.ptr = nullptr;
  }
}

[[gnu::noinline, gnu::cold]] void EventLoop::run_measured_round() noexcept {
  const std::chrono::nanoseconds begin = RoundSamples::cpu_time();
  run_round(forever);
  samples_.add(RoundSamples::cpu_time() - begin);
}

bool EventLoop::run_round(int timeout) noexcept {
  const bool had_tasks = has_tasks();
  if (had_tasks) [[unlikely]]
    run_tasks();
  const bool had_events = dispatch_batch(had_tasks ? 0 : timeout);
  if (!round_end_.empty() || application_code_has_run_) [[unlikely]]
    end_round();
  return had_events || had_tasks;
}

void EventLoop::run_tasks() noexcept {
  note_application_code();
  this_round_.append(next_round_);  // tasks added from now on wait for the next round
  turns_.run_tasks(this_round_);
  next_round_.prepend(this_round_);
}

/// False if nothing was ready.
bool EventLoop::dispatch_batch(int timeout) noexcept {
  const int ready =
      system::call_epoll_wait(epoll_.get(), batch_.data(), static_cast<int>(batch_.size()), timeout);
  batch_end_ = static_cast<std::size_t>(std::max(ready, 0));
  if (batch_end_ != 1 || turns_.is_watching()) return dispatch_all();
  batch_at_ = batch_end_;
  turns_.begin();
  static_cast<EventHandler*>(batch_[0].data.ptr)->on_events(Events(batch_[0].events));
  return true;
}

[[gnu::noinline]] bool EventLoop::dispatch_all() noexcept {
  for (batch_at_ = 0; batch_at_ < batch_end_;) {
    if (turns_.is_watching()) [[unlikely]] {
      dispatch_in_turns();
      break;
    }
    turns_.begin();
    dispatch_some();
    turns_.look();
  }
  return batch_end_ > 0;
}

/// Handlers that are called without reading the time between them.
void EventLoop::dispatch_some() noexcept {
  constexpr std::size_t most = 8;
  const std::size_t end = std::min(batch_end_, batch_at_ + most);
  while (batch_at_ < end && !turns_.is_watching()) {
    const epoll_event& event = batch_[batch_at_++];
    if (event.data.ptr == nullptr) continue;  // its handler was forgotten
    static_cast<EventHandler*>(event.data.ptr)->on_events(Events(event.events));
  }
}

[[gnu::cold]] void EventLoop::dispatch_in_turns() noexcept {
  turns_.begin_dispatch(batch_end_);
  while (batch_at_ < batch_end_) {
    const epoll_event event = batch_[batch_at_++];
    if (event.data.ptr == nullptr) continue;
    turns_.dispatch(*static_cast<EventHandler*>(event.data.ptr), Events(event.events));
  }
}

/// What runs last may have added tasks for the end of a round, too.
void EventLoop::end_round() noexcept {
  this_round_.append(round_end_);
  this_round_.run_all();
  if (std::exchange(application_code_has_run_, false)) follows_application_code_->run();
  next_round_.append(round_end_);
}

}  // namespace chopin::loop
