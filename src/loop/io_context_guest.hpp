#pragma once

#include <boost/asio/io_context.hpp>

#include "loop/event_loop.hpp"

namespace chopin::loop {

/// The io_context for the handlers' own Asio sockets and timers, driven by a worker's loop. The loop watches
/// the epoll set of Asio's reactor like any descriptor, edge-triggered, so operations under way cost nothing
/// until one is ready. The io_context is also polled at the end of each round in which application code has
/// run, because that may have posted work that no descriptor shows.
///
/// Thread safety: one thread, that of the loop.
/// Lifetime: must not outlive the loop.
/// Throws: the constructor and `lend`.
class IoContextGuest final : public EventHandler, public Task {
 public:
  /// `loop` must outlive this.
  explicit IoContextGuest(EventLoop& loop);
  ~IoContextGuest();
  IoContextGuest(const IoContextGuest&) = delete;
  IoContextGuest& operator=(const IoContextGuest&) = delete;

  /// The first call makes the loop watch and poll the io_context. Throws std::system_error, std::bad_alloc.
  boost::asio::io_context& lend();
  /// Calls the handlers that are ready, up to a limit; the rest wait for the next round, so that connections
  /// are not held up. What a handler throws is logged.
  void run() noexcept override;

 private:
  void on_events(Events events) noexcept override;

  EventLoop& loop_;
  boost::asio::io_context io_context_;
  bool is_lent_ = false;
};

}  // namespace chopin::loop
