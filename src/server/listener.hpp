#pragma once

#include <chrono>
#include <functional>

#include "server/completion.hpp"
#include "server/connection_limit.hpp"
#include "server/tcp.hpp"

namespace chopin::server {

/// Accepts connections on a listening socket, on its worker's thread. When as many are open as may be, or the
/// process runs out of descriptors or memory, it stops accepting until `resume`: the connections wait in the
/// kernel's queue, and nothing spins.
class Listener {
 public:
  /// `on_connection` gets each accepted connection. `limit` outlives this.
  Listener(Acceptor acceptor, ConnectionLimit& limit, std::function<void(Connection)> on_connection);

  /// Waits for connections.
  void wait();
  /// Tries again after a shortage; does nothing otherwise.
  void resume();
  /// Takes what the kernel has already queued, then stops for good.
  void close();

 private:
  void on_readable(const error_code& ec);
  /// Accepts up to `most` connections. 0 where more may wait, otherwise the errno value that ended it, or
  /// `at_limit`.
  int accept_batch(int most);
  void pause(int error);

  Acceptor acceptor_;
  ConnectionLimit& limit_;
  std::function<void(Connection)> on_connection_;
  bool paused_ = false;
  std::chrono::steady_clock::time_point next_warning_;
  OperationMemory operation_memory_;
};

}  // namespace chopin::server
