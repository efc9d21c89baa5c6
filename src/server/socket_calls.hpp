#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace chopin::server {

/// The one place that speaks to the kernel about sockets without Asio in between.
///
/// Every socket option the server sets. Descriptors are those of open TCP sockets. Functions named `require_`
/// throw std::system_error with the option's name when the kernel refuses; none of the options is optional so
/// far.

/// Before bind: SO_REUSEADDR, so that connections in TIME_WAIT do not block a restart; TCP_NODELAY, which
/// accepted sockets inherit, so that small answers leave at once; and on IPv6 IPV6_V6ONLY off, so that `::`
/// serves IPv4 too.
void require_listening_options(int fd, bool is_v6);

/// SO_REUSEPORT: several listening sockets share the port and the kernel spreads the connections over them.
void require_shared_port(int fd);

/// What the kernel has, for tests and the doctor. Throws std::system_error.
struct SocketOptions {
  bool reuse_address = false;
  bool reuse_port = false;
  bool no_delay = false;
};
SocketOptions read_socket_options(int fd);

/// Connections the kernel will really queue for a listening socket: the backlog after net.core.somaxconn has
/// clamped it (from TCP_INFO). 0 where the kernel does not say.
std::uint32_t effective_backlog(int fd) noexcept;

struct SendResult {
  std::size_t sent = 0;
  bool failed = false;  ///< the connection is broken; a full socket buffer is no failure
};

/// send(2) on a non-blocking socket without SIGPIPE. Asio's synchronous send, with the error codes and states
/// it looks after, takes three times the instructions.
SendResult send_now(int fd, std::string_view bytes) noexcept;

}  // namespace chopin::server
