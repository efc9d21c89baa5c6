#pragma once

#include <boost/asio/io_context.hpp>

#include "loop/event_loop.hpp"

namespace chopin::loop {

/// The io_context for what handlers do with Asio's sockets and timers, as a guest of a worker's loop: its
/// reactor's own epoll set is watched like a descriptor. So the loop pays nothing for what is under way there
/// until some of it is ready.
class IoContextGuest final : public EventHandler, public Task {
 public:
  /// `loop` outlives this.
  explicit IoContextGuest(EventLoop& loop) noexcept;

  /// On the loop's thread. What handlers start there is noticed from the first call on. Throws
  /// std::system_error, std::bad_alloc.
  boost::asio::io_context& lend();
  /// Calls the handlers of what is ready. Most of them have their turn, then the connections; the rest waits
  /// for the next round. What a handler throws is logged.
  void run() noexcept override;

 private:
  void on_events(Events events) noexcept override;

  EventLoop& loop_;
  boost::asio::io_context io_context_;
  bool is_lent_ = false;
};

}  // namespace chopin::loop
