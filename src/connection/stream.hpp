#pragma once

#include <span>
#include <string_view>
#include <sys/uio.h>
#include <utility>

#include "system/descriptor.hpp"
#include "system/sockets.hpp"

namespace chopin::connection {

/// All that a session knows of its socket: bytes in, bytes out, the end of both. A non-blocking stream
/// socket; what else a connection may speak through (TLS, a PROXY preamble) goes in here.
class Stream {
 public:
  explicit Stream(system::Descriptor socket) noexcept : socket_(std::move(socket)) {}

  /// Without an error a size of 0 is the end of the stream.
  [[nodiscard]] system::Transfer receive(std::span<char> space) const noexcept {
    return system::receive_now(socket_.get(), space);
  }
  [[nodiscard]] system::Transfer send(std::string_view bytes) const noexcept {
    return system::send_now(socket_.get(), bytes);
  }
  /// Several pieces in one system call.
  [[nodiscard]] system::Transfer send(std::span<const iovec> pieces) const noexcept {
    return system::send_pieces_now(socket_.get(), pieces);
  }
  [[nodiscard]] bool has_input() const noexcept { return system::has_input(socket_.get()); }
  /// Ends the sending side. False where the connection is already gone.
  [[nodiscard]] bool shut_down_sending() const noexcept { return system::shutdown_send(socket_.get()); }
  /// For the loop to watch.
  [[nodiscard]] int descriptor() const noexcept { return socket_.get(); }
  void close() noexcept { const system::Descriptor closed(std::move(socket_)); }

 private:
  system::Descriptor socket_;
};

}  // namespace chopin::connection
