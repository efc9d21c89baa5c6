#pragma once

#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <sys/uio.h>

#include "chopin/peer.hpp"
#include "system/descriptor.hpp"

namespace chopin::system {

/// The only place that makes socket calls without Asio, and every socket option the server sets. Descriptors
/// are those of open TCP sockets. Functions named `require_` throw std::system_error with the option's name
/// if the kernel refuses.

/// A TCP socket that programs started by handlers do not inherit: with a listening one they would keep the
/// port after the server's end. Throws std::system_error.
Descriptor open_tcp_socket(bool is_v6);

/// How the kernel finds out that a peer has vanished without a word, on a connection on which nothing else
/// would, such as one whose handler responds later: after a minute of silence it asks three times. Inherited
/// by accepted sockets.
struct KeepAlive {
  static constexpr int idle = 60;      ///< TCP_KEEPIDLE, seconds of silence until the first probe
  static constexpr int interval = 10;  ///< TCP_KEEPINTVL, seconds between two probes
  static constexpr int probes = 3;     ///< TCP_KEEPCNT, probes without a reply until the connection is reset
  /// Of silence, until then.
  static constexpr std::chrono::seconds in_all{idle + probes * interval};
};

/// Before bind: SO_REUSEADDR, so that connections in TIME_WAIT do not block a restart; SO_KEEPALIVE with the
/// times above; TCP_NODELAY, which accepted sockets inherit too, so that small responses leave at once; and
/// on IPv6 IPV6_V6ONLY off, so that `::` serves IPv4 too.
void require_listening_options(int fd, bool is_v6);

/// How much the kernel keeps, and how long, for a peer that does not read. Inherited by accepted sockets.
struct SendBounds {
  /// TCP_NOTSENT_LOWAT: bytes that may wait in the kernel until the peer's window has room. It limits nothing
  /// that is in flight. Over loopback bodies of 16 MiB and bursts of 62 and 235 KB take the same CPU time
  /// with 16, 32, 64 and 128 KiB as without it; this one holds twice the responses to a burst, which thus
  /// never wait in an outbox for a client that reads.
  static constexpr int most_unsent = 128 * 1024;

  /// SO_SNDBUF in bytes, of which the kernel makes twice as many for its own bookkeeping. 0: it chooses and
  /// adapts the size.
  std::uint32_t buffer = 0;
  /// TCP_USER_TIMEOUT: how long the peer may acknowledge nothing that waits for it, or have no room for it.
  /// Not less than KeepAlive needs for its probes, which it would replace (tcp(7)).
  std::chrono::milliseconds patience{KeepAlive::in_all};
};
/// On a socket that listens or will. Throws std::system_error.
void require_send_bounds(int fd, const SendBounds& bounds);

/// SO_REUSEPORT: several listening sockets share the port and the kernel spreads the connections over them.
void require_shared_port(int fd);
/// The same on a temporary socket.
void require_shared_port_support();

/// The options as the kernel reports them, for tests and the doctor. Throws std::system_error.
struct SocketOptions {
  bool reuse_address = false;
  bool reuse_port = false;
  bool no_delay = false;
  bool keep_alive = false;
  int keep_alive_idle = 0;      ///< seconds
  int keep_alive_interval = 0;  ///< seconds
  int keep_alive_probes = 0;
  int defer_accept = 0;      ///< seconds; 0: off
  int send_buffer = 0;       ///< bytes, with the kernel's bookkeeping: twice what was set
  unsigned most_unsent = 0;  ///< bytes
  std::chrono::milliseconds user_timeout{};
};
SocketOptions read_socket_options(int fd);

/// Whether it is a TCP socket that listens.
bool is_listening(int fd) noexcept;

/// The connections that the kernel really queues for a listening socket: the backlog, clamped by
/// net.core.somaxconn (from TCP_INFO). 0 if the kernel does not say.
std::uint32_t effective_backlog(int fd) noexcept;

/// The result of a call on a non-blocking socket. `error` is an errno value; EAGAIN: it would have blocked.
struct Transfer {
  std::size_t size = 0;
  int error = 0;

  /// EAGAIN is no failure: there is nothing to read, or no room to write.
  [[nodiscard]] bool has_failed() const noexcept { return error != 0 && error != EAGAIN; }
};

/// recv(2). Size 0 without an error is the end of the stream.
Transfer receive_now(int fd, std::span<char> space) noexcept;
/// send(2) without SIGPIPE.
Transfer send_now(int fd, std::string_view bytes) noexcept;
/// The same for several pieces.
Transfer send_pieces_now(int fd, std::span<const iovec> pieces) noexcept;
/// The kernel's memory for what waits to be sent or read, in bytes (SO_MEMINFO); 0 if it does not say.
std::uint32_t kernel_memory(int fd) noexcept;
/// Whether bytes wait to be read.
bool has_input(int fd) noexcept;
/// How many bytes that were sent the peer has not acknowledged.
std::size_t unacknowledged(int fd) noexcept;
/// SO_LINGER with a time of 0: closing resets the connection, and the kernel frees at once what it holds.
void reset_when_closed(int fd) noexcept;
/// Shuts down the sending side. False if the connection no longer exists.
bool shutdown_send(int fd) noexcept;

/// Whether a connection waits to be accepted.
bool has_waiting_connection(int listening_fd) noexcept;

/// TCP_DEFER_ACCEPT of a listening socket: new connections are accepted when their first bytes arrive, or
/// after a second without any. False if the kernel refuses.
bool defer_accept(int listening_fd, bool defer) noexcept;

/// Whether this error of accept4 concerns only one connection, which is gone: Linux passes on what has
/// happened to it in the queue (accept(2)). Any other error would come back at once.
bool is_about_one_connection(int error) noexcept;

/// accept4(2) of a non-blocking socket; without a connection `error` says why.
struct Accepted {
  Descriptor socket;
  Peer peer;
  int error = 0;
};
Accepted accept_now(int listening_fd) noexcept;

}  // namespace chopin::system
