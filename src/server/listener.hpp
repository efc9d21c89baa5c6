#pragma once

#include <chrono>
#include <functional>

#include "connection/connection_limit.hpp"
#include "loop/event_loop.hpp"
#include "system/sockets.hpp"

namespace chopin::server {

/// Accepts connections on a listening socket, on its worker's thread. When as many are open as may be, or the
/// process runs out of descriptors or memory, it stops accepting until `resume`: the connections wait in the
/// kernel's queue, and nothing spins.
///
/// While many connections come, the kernel is asked to keep each until its first bytes are there
/// (TCP_DEFER_ACCEPT, tcp(7)): then a connection wakes the worker once, not twice. One that sends nothing is
/// accepted a second later.
class Listener final : public loop::EventHandler, public loop::Task {
 public:
  /// `socket` is non-blocking; `on_connection` gets each accepted connection. `limit` and `loop` outlive
  /// this.
  Listener(system::Descriptor socket, connection::ConnectionLimit& limit, loop::EventLoop& loop,
           std::function<void(connection::Connection)> on_connection);

  /// Waits for connections. Throws std::system_error.
  void wait();
  /// Tries again after a shortage; does nothing otherwise.
  void resume() noexcept;
  /// To be called once in each `Timeouts::tick`.
  void on_tick() noexcept;
  /// Takes what the kernel has already queued, then stops for good.
  void close();

 private:
  void on_events(loop::Events events) noexcept override;
  void run() noexcept override;

  void accept() noexcept;
  /// Accepts up to `most` connections. 0 where more may wait, otherwise the errno value that ended it, or
  /// `at_limit`.
  int accept_batch(int most);
  void pause(int error);

  system::Descriptor socket_;
  connection::ConnectionLimit& limit_;
  loop::EventLoop& loop_;
  std::function<void(connection::Connection)> on_connection_;
  int accepted_in_this_tick_ = 0;
  bool defers_ = false;
  bool paused_ = false;
  std::chrono::steady_clock::time_point next_warning_;
};

}  // namespace chopin::server
