#pragma once

#include <cstdint>
#include <sys/epoll.h>

namespace chopin::loop {

/// What epoll(7) reports for a descriptor.
class Events {
 public:
  explicit Events(std::uint32_t bits) noexcept : bits_(bits) {}

  [[nodiscard]] bool readable() const noexcept { return has(EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR); }
  [[nodiscard]] bool writable() const noexcept { return has(EPOLLOUT | EPOLLHUP | EPOLLERR); }
  /// FIN or reset: further reads will reach the end.
  [[nodiscard]] bool peer_finished() const noexcept { return has(EPOLLRDHUP | EPOLLHUP | EPOLLERR); }
  /// Reset, or closed in both directions.
  [[nodiscard]] bool broken() const noexcept { return has(EPOLLHUP | EPOLLERR); }

 private:
  [[nodiscard]] bool has(std::uint32_t any) const noexcept { return (bits_ & any) != 0; }

  std::uint32_t bits_;
};

/// The owner of a descriptor that an event loop watches.
class EventHandler {
 public:
  EventHandler() noexcept = default;
  EventHandler(const EventHandler&) = delete;
  EventHandler& operator=(const EventHandler&) = delete;

  /// Called on the loop's thread. May delete this or other handlers after `EventLoop::forget`.
  virtual void on_events(Events events) noexcept = 0;

  // Of those whose work may take long, see FairTurns. Called only while it watches.

  /// True if these events have been noted and their work waits for the end of a round.
  virtual bool puts_off(Events /*events*/, bool /*round_is_long*/) noexcept { return false; }
  /// What the handler has done took so many whole shares of the time of a turn; as a rule none.
  virtual void on_turn_end(std::uint64_t /*shares*/) noexcept {}

 protected:
  ~EventHandler() = default;
};

}  // namespace chopin::loop
