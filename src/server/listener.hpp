#pragma once

#include <chrono>
#include <functional>

#include <boost/asio/io_context.hpp>

#include "server/completion.hpp"
#include "server/tcp.hpp"

namespace chopin::server {

/// Accepts connections on a listening socket, one after the other, on its worker's thread. When the process
/// runs out of descriptors or memory it stops accepting until `resume`: the connections wait in the kernel's
/// queue, and nothing spins.
class Listener {
 public:
  /// `on_connection` gets each accepted socket, non-blocking.
  Listener(Acceptor acceptor, boost::asio::io_context& io_context, std::function<void(Socket)> on_connection);

  void accept();
  /// Tries again after a shortage; does nothing otherwise.
  void resume();
  /// Takes what the kernel has already queued, then stops for good.
  void close();

 private:
  void on_accept(const error_code& ec, Socket socket);
  void pause(const error_code& ec);
  void hand_over(Socket socket);

  Acceptor acceptor_;
  boost::asio::io_context& io_context_;
  std::function<void(Socket)> on_connection_;
  bool paused_ = false;
  std::chrono::steady_clock::time_point next_warning_;
  OperationMemory operation_memory_;
};

}  // namespace chopin::server
