#pragma once

#include <chrono>
#include <functional>
#include <mutex>
#include <string>

#include "chopin/config.hpp"
#include "connection/connection_limit.hpp"
#include "connection/counters.hpp"
#include "connection/refusals.hpp"
#include "loop/event_loop.hpp"
#include "system/sockets.hpp"

namespace chopin::server {

/// Accepts connections on a listening socket. When the process runs out of descriptors or memory, it pauses
/// until `resume` or the next tick: connections wait in the kernel's queue.
///
/// When the limit of connections is reached, it has one closed that can be spared, on its own thread if there
/// is one, else on others; meanwhile it pauses. If there is still no room at the next tick, it refuses all
/// that come until there is, unless they are to wait.
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
  /// What all listeners of one thread have in common. All references must outlive them.
  struct Owner {
    connection::ConnectionLimit& limit;
    WhenFull when_full;
    connection::Counter& refused;                               ///< counts connections
    std::function<void(connection::Connection)> on_connection;  ///< gets each accepted one
    std::function<bool()> make_room;  ///< at the limit: closes one of this thread's connections, if it can
  };

  /// `socket` must be non-blocking. `owner` and `loop` must outlive this.
  Listener(system::Descriptor socket, const Owner& owner, loop::EventLoop& loop);

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
  void on_full() noexcept;
  /// The same for connections that get a 503 at once.
  int refuse_batch(int most) noexcept;
  /// False if the reason need not be logged, as one was lately.
  bool pause() noexcept;

  system::Descriptor socket_;
  const Owner& owner_;
  loop::EventLoop& loop_;
  const std::string no_room_;
  connection::Refusals refusals_;
  int accepted_in_this_tick_ = 0;
  bool defers_ = false;
  bool paused_ = false;
  bool waits_for_room_ = false;  // it has been asked for
  bool refuses_ = false;         // there was none for a tick
  bool ignores_limit_ = false;
  std::chrono::steady_clock::time_point next_warning_;
  std::mutex end_mutex_;
  bool has_stopped_ = false;  // under end_mutex_: by `close` or `abandon`
};

}  // namespace chopin::server
