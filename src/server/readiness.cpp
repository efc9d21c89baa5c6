#include "server/readiness.hpp"

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstdint>
#include <exception>
#include <utility>

#include <boost/asio/post.hpp>
#include <boost/system/system_error.hpp>

namespace chopin::server {
namespace {

constexpr std::uint32_t input_events = EPOLLIN | EPOLLRDHUP | EPOLLET;

int open_epoll() {
  const int fd = epoll_create1(EPOLL_CLOEXEC);
  if (fd < 0) throw boost::system::system_error({errno, boost::system::system_category()}, "epoll_create1");
  return fd;
}

int control(int epoll_fd, int operation, int fd, std::uint32_t events, ReadinessTarget& target) noexcept {
  epoll_event event{};
  event.events = events;
  event.data.ptr = &target;
  return epoll_ctl(epoll_fd, operation, fd, &event) == 0 ? 0 : errno;
}

}  // namespace

Readiness::Readiness(boost::asio::io_context& io_context)
    : io_context_(io_context), epoll_(io_context, open_epoll()) {
  wait();
}

int Readiness::watch(int fd, ReadinessTarget& target) noexcept {
  return control(epoll_.native_handle(), EPOLL_CTL_ADD, fd, input_events, target);
}

int Readiness::watch_writable_too(int fd, ReadinessTarget& target) noexcept {
  return control(epoll_.native_handle(), EPOLL_CTL_MOD, fd, input_events | EPOLLOUT, target);
}

void Readiness::make_room(std::size_t targets) {
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

void Readiness::close() {
  boost::system::error_code ec;
  epoll_.close(ec);
}

void Readiness::wait() {
  epoll_.async_wait(decltype(epoll_)::wait_read, completion<&Readiness::on_wake>(*this, operation_memory_));
}

void Readiness::on_wake(const boost::system::error_code& ec) {
  if (!ec) dispatch();
}

void Readiness::dispatch() {
  is_dispatching_ = true;
  run_turns();
  for (int batch = 0; batch < most_batches && dispatch_batch(); ++batch) {
  }
  is_dispatching_ = false;
  start_next_round();
}

void Readiness::run_turns() {
  served_.swap(turns_);
  for (ReadinessTarget* const waiting : served_) {
    if (waiting == nullptr) continue;  // forgotten since
    guarded(*waiting, [](ReadinessTarget& target) { target.on_turn(); });
  }
  served_.clear();
}

/// A turn was asked for while no connection is being served, by a timer of a handler's for example.
void Readiness::wake() {
  if (std::exchange(is_waking_, true)) return;
  boost::asio::post(io_context_, completion<&Readiness::on_wake_for_turns>(*this, wake_memory_));
}

void Readiness::on_wake_for_turns() {
  is_waking_ = false;
  is_dispatching_ = true;
  run_turns();
  is_dispatching_ = false;
  if (!turns_.empty()) wake();
}

/// False where nothing was ready.
bool Readiness::dispatch_batch() {
  if (!epoll_.is_open()) return false;
  const int ready = epoll_wait(epoll_.native_handle(), batch_.data(), static_cast<int>(batch_.size()), 0);
  if (ready <= 0) return false;
  batch_end_ = static_cast<std::size_t>(ready);
  for (batch_at_ = 0; batch_at_ < batch_end_;) {
    const epoll_event& event = batch_[batch_at_++];
    if (event.data.ptr == nullptr) continue;  // forgotten since
    const ReadinessTarget::Events events(event.events);
    guarded(*static_cast<ReadinessTarget*>(event.data.ptr),
            [events](ReadinessTarget& target) { target.on_ready(events); });
  }
  batch_at_ = batch_end_ = 0;
  return true;
}

void Readiness::start_next_round() {
  if (!epoll_.is_open()) return;
  if (turns_.empty()) return wait();
  boost::asio::post(io_context_, completion<&Readiness::dispatch>(*this, operation_memory_));
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

}  // namespace chopin::server
