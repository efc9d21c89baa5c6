#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <sys/uio.h>
#include <utility>

#include "system/descriptor.hpp"
#include "system/sockets.hpp"

namespace chopin::connection {

/// All that a session knows of its socket, which is a non-blocking stream socket. Another transport, such as
/// TLS or a PROXY preamble, would be added here.
class Stream {
 public:
  explicit Stream(system::Descriptor socket) noexcept : socket_(std::move(socket)) {}

  /// A size of 0 without an error means the end of the stream.
  [[nodiscard]] system::Transfer receive(std::span<char> space) const noexcept {
    return system::receive_now(socket_.get(), space);
  }
  [[nodiscard]] system::Transfer send(std::string_view bytes) const noexcept {
    return system::send_now(socket_.get(), bytes);
  }
  /// Sends several pieces with one system call.
  [[nodiscard]] system::Transfer send(std::span<const iovec> pieces) const noexcept {
    return system::send_pieces_now(socket_.get(), pieces);
  }
  /// What the kernel holds for it, in bytes: not yet received by the peer, or not yet read from it.
  [[nodiscard]] std::uint32_t kernel_memory() const noexcept { return system::kernel_memory(socket_.get()); }
  [[nodiscard]] bool has_input() const noexcept { return system::has_input(socket_.get()); }
  /// How much of what was sent the peer has not acknowledged.
  [[nodiscard]] std::size_t unacknowledged() const noexcept { return system::unacknowledged(socket_.get()); }
  /// For a peer that does not read. If it has not acknowledged everything, `close` resets the connection:
  /// otherwise the kernel would keep what is unsent, and offer it to the peer for minutes.
  void reset_if_unsent() const noexcept {
    if (unacknowledged() > 0) system::reset_when_closed(socket_.get());
  }
  /// Shuts down sending. False if the connection is already gone.
  [[nodiscard]] bool shut_down_sending() const noexcept { return system::shutdown_send(socket_.get()); }
  /// For the event loop.
  [[nodiscard]] int descriptor() const noexcept { return socket_.get(); }
  void close() noexcept { const system::Descriptor closed(std::move(socket_)); }

 private:
  system::Descriptor socket_;
};

}  // namespace chopin::connection
