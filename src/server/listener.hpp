#pragma once

#include <chrono>
#include <functional>

#include "server/completion.hpp"
#include "server/socket_calls.hpp"
#include "server/tcp.hpp"

namespace chopin::server {

/// Accepts connections on a listening socket, on its worker's thread. When the process runs out of
/// descriptors or memory it stops accepting until `resume`: the connections wait in the kernel's queue, and
/// nothing spins.
class Listener {
 public:
  /// `on_connection` gets each accepted socket, non-blocking.
  Listener(Acceptor acceptor, std::function<void(Descriptor)> on_connection);

  /// Waits for connections.
  void wait();
  /// Tries again after a shortage; does nothing otherwise.
  void resume();
  /// Takes what the kernel has already queued, then stops for good.
  void close();

 private:
  void on_readable(const error_code& ec);
  /// Accepts up to `most` connections. 0 where more may wait, otherwise the errno value that ended it.
  int accept_batch(int most);
  void pause(int error);

  Acceptor acceptor_;
  std::function<void(Descriptor)> on_connection_;
  bool paused_ = false;
  std::chrono::steady_clock::time_point next_warning_;
  OperationMemory operation_memory_;
};

}  // namespace chopin::server
