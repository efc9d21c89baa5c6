#pragma once

#include <chrono>
#include <functional>
#include <mutex>

#include "connection/connection_limit.hpp"
#include "loop/event_loop.hpp"
#include "system/sockets.hpp"

namespace chopin::server {

/// Accepts connections on a listening socket. When the limit of connections is reached, or the process runs
/// out of descriptors or memory, it pauses until `resume` or the next tick: connections wait in the kernel's
/// queue.
///
/// While many connections arrive, the kernel holds back each one until its first bytes are there
/// (TCP_DEFER_ACCEPT, tcp(7)): then a connection wakes the worker once, not twice. One that sends nothing is
/// accepted about a second later.
///
/// Thread safety: one thread, that of the worker, except for `abandon`.
/// Lifetime: must not outlive its loop.
/// Throws: only `wait`. If `on_connection` throws, the connection is lost and accepting pauses.
class Listener final : public loop::EventHandler, public loop::Task {
 public:
  /// `socket` must be non-blocking. `on_connection` gets each accepted connection. `limit` and `loop` must
  /// outlive this.
  Listener(system::Descriptor socket, connection::ConnectionLimit& limit, loop::EventLoop& loop,
           std::function<void(connection::Connection)> on_connection);

  /// Waits for connections. Throws std::system_error.
  void wait();
  /// Tries again after a shortage; does nothing otherwise.
  void resume() noexcept;
  /// Must be called at each tick of the coarse clock.
  void on_tick() noexcept;
  /// Accepts the connections that the kernel has already queued, then stops for good. Closing the socket
  /// resets what is left in the queue, so those for which no slot is free are passed on without one.
  void close() noexcept;
  /// From any thread: closes the socket in the place of a thread that is blocked, unless `close` has begun.
  /// Connections that have not been accepted are reset, unless another process has the socket too. False if
  /// `close` has begun, or `abandon` was called before.
  bool abandon() noexcept;

 private:
  void on_events(loop::Events events) noexcept override;
  void run() noexcept override;

  void accept() noexcept;
  /// Accepts up to `most` connections. Returns 0 if more may wait, otherwise the errno value of accept4 or
  /// one of the reasons in listener.cpp. Has paused if a connection could not be served.
  int accept_batch(int most) noexcept;
  /// False if the reason need not be logged, as one was lately.
  bool pause() noexcept;

  system::Descriptor socket_;
  connection::ConnectionLimit& limit_;
  loop::EventLoop& loop_;
  std::function<void(connection::Connection)> on_connection_;
  int accepted_in_this_tick_ = 0;
  bool defers_ = false;
  bool paused_ = false;
  bool ignores_limit_ = false;
  std::chrono::steady_clock::time_point next_warning_;
  std::mutex end_mutex_;
  bool has_stopped_ = false;  // under end_mutex_: by `close` or `abandon`
};

}  // namespace chopin::server
