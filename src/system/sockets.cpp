#include "system/sockets.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <linux/sock_diag.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <system_error>

#include "system/direct_calls.hpp"
#include "system/open_files.hpp"

namespace chopin::system {
namespace {

/// `address`: of either family; an IPv4 one is smaller.
Peer peer_of(const sockaddr_in6& address) noexcept {
  std::array<std::uint8_t, 16> bytes{};
  if (address.sin6_family == AF_INET6) {
    std::memcpy(bytes.data(), &address.sin6_addr, bytes.size());
    return {bytes, ntohs(address.sin6_port)};
  }
  if (address.sin6_family != AF_INET) return {};
  const auto& v4 = reinterpret_cast<const sockaddr_in&>(address);  // NOLINT: as its family says
  bytes[10] = bytes[11] = UINT8_MAX;
  std::memcpy(&bytes[12], &v4.sin_addr, sizeof v4.sin_addr);
  return {bytes, ntohs(v4.sin_port)};
}

[[noreturn]] void fail(const char* operation, const char* option) {
  throw std::system_error(errno, std::generic_category(), std::string(operation) + " " + option);
}

void require(int fd, int level, int option, const char* name, int value) {
  if (setsockopt(fd, level, option, &value, sizeof value) != 0) fail("cannot set", name);
}

/// Repeats a call that a signal interrupted.
template <class Call>
auto without_interruption(Call call) noexcept {
  for (;;) {
    const auto result = call();
    if (result >= 0 || errno != EINTR) [[likely]]
      return result;
  }
}

int read(int fd, int level, int option, const char* name) {
  int value = 0;
  socklen_t size = sizeof value;
  if (getsockopt(fd, level, option, &value, &size) != 0) fail("cannot read", name);
  return value;
}

}  // namespace

Descriptor open_tcp_socket(bool is_v6) {
  Descriptor opened(socket(is_v6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!opened.is_open()) fail("cannot open", "a TCP socket");
  return opened;
}

void require_listening_options(int fd, bool is_v6) {
  require(fd, SOL_SOCKET, SO_REUSEADDR, "SO_REUSEADDR", 1);
  require(fd, IPPROTO_TCP, TCP_NODELAY, "TCP_NODELAY", 1);
  require(fd, SOL_SOCKET, SO_KEEPALIVE, "SO_KEEPALIVE", 1);
  require(fd, IPPROTO_TCP, TCP_KEEPIDLE, "TCP_KEEPIDLE", KeepAlive::idle);
  require(fd, IPPROTO_TCP, TCP_KEEPINTVL, "TCP_KEEPINTVL", KeepAlive::interval);
  require(fd, IPPROTO_TCP, TCP_KEEPCNT, "TCP_KEEPCNT", KeepAlive::probes);
  if (is_v6) require(fd, IPPROTO_IPV6, IPV6_V6ONLY, "IPV6_V6ONLY", 0);
}

void require_send_bounds(int fd, const SendBounds& bounds) {
  require(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, "TCP_NOTSENT_LOWAT", SendBounds::most_unsent);
  require(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, "TCP_USER_TIMEOUT", static_cast<int>(bounds.patience.count()));
  if (bounds.buffer == 0) return;
  require(fd, SOL_SOCKET, SO_SNDBUF, "SO_SNDBUF", static_cast<int>(bounds.buffer));
}

void require_shared_port(int fd) {
  require(fd, SOL_SOCKET, SO_REUSEPORT, "SO_REUSEPORT", 1);
}

void require_shared_port_support() {
  const Descriptor probe = open_tcp_socket(false);
  require_shared_port(probe.get());
}

SocketOptions read_socket_options(int fd) {
  return {
      .reuse_address = read(fd, SOL_SOCKET, SO_REUSEADDR, "SO_REUSEADDR") != 0,
      .reuse_port = read(fd, SOL_SOCKET, SO_REUSEPORT, "SO_REUSEPORT") != 0,
      .no_delay = read(fd, IPPROTO_TCP, TCP_NODELAY, "TCP_NODELAY") != 0,
      .keep_alive = read(fd, SOL_SOCKET, SO_KEEPALIVE, "SO_KEEPALIVE") != 0,
      .keep_alive_idle = read(fd, IPPROTO_TCP, TCP_KEEPIDLE, "TCP_KEEPIDLE"),
      .keep_alive_interval = read(fd, IPPROTO_TCP, TCP_KEEPINTVL, "TCP_KEEPINTVL"),
      .keep_alive_probes = read(fd, IPPROTO_TCP, TCP_KEEPCNT, "TCP_KEEPCNT"),
      .defer_accept = read(fd, IPPROTO_TCP, TCP_DEFER_ACCEPT, "TCP_DEFER_ACCEPT"),
      .send_buffer = read(fd, SOL_SOCKET, SO_SNDBUF, "SO_SNDBUF"),
      .most_unsent = static_cast<unsigned>(read(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, "TCP_NOTSENT_LOWAT")),
      .user_timeout = std::chrono::milliseconds(read(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, "TCP_USER_TIMEOUT"))};
}

bool is_listening(int fd) noexcept {
  int protocol = 0;
  int listens = 0;
  socklen_t size = sizeof protocol;
  return getsockopt(fd, SOL_SOCKET, SO_PROTOCOL, &protocol, &size) == 0 && protocol == IPPROTO_TCP &&
         getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) == 0 && listens != 0;
}

std::uint32_t effective_backlog(int fd) noexcept {
  tcp_info info{};
  socklen_t size = sizeof info;
  if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) != 0) return 0;
  return info.tcpi_sacked;  // for a listening socket this is the limit of its queue
}

Transfer receive_now(int fd, std::span<char> space) noexcept {
  const ssize_t size = without_interruption([&] { return call_recv(fd, space.data(), space.size()); });
  if (size >= 0) [[likely]]
    return {.size = static_cast<std::size_t>(size)};
  return {.error = errno};
}

Transfer send_now(int fd, std::string_view bytes) noexcept {
  const ssize_t size =
      without_interruption([&] { return call_send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL); });
  if (size >= 0) [[likely]]
    return {.size = static_cast<std::size_t>(size)};
  return {.error = errno};
}

Transfer send_pieces_now(int fd, std::span<const iovec> pieces) noexcept {
  msghdr message{};
  message.msg_iov = const_cast<iovec*>(pieces.data());                            // NOLINT: it is only read
  message.msg_iovlen = static_cast<decltype(message.msg_iovlen)>(pieces.size());  // int in musl
  const ssize_t size = without_interruption([&] { return sendmsg(fd, &message, MSG_NOSIGNAL); });
  if (size >= 0) return {.size = static_cast<std::size_t>(size)};
  return {.error = errno};
}

std::uint32_t kernel_memory(int fd) noexcept {
  std::array<std::uint32_t, SK_MEMINFO_VARS> sizes{};
  socklen_t size = sizeof sizes;
  if (getsockopt(fd, SOL_SOCKET, SO_MEMINFO, sizes.data(), &size) != 0) return 0;
  return sizes[SK_MEMINFO_RMEM_ALLOC] + sizes[SK_MEMINFO_WMEM_QUEUED];
}

bool has_input(int fd) noexcept {
  int size = 0;
  return ioctl(fd, FIONREAD, &size) == 0 && size > 0;
}

std::size_t unacknowledged(int fd) noexcept {
  int size = 0;
  return ioctl(fd, SIOCOUTQ, &size) == 0 && size > 0 ? static_cast<std::size_t>(size) : 0;
}

void reset_when_closed(int fd) noexcept {
  const linger at_once{.l_onoff = 1, .l_linger = 0};
  static_cast<void>(setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once));
}

bool shutdown_send(int fd) noexcept {
  return shutdown(fd, SHUT_WR) == 0;
}

bool has_waiting_connection(int listening_fd) noexcept {
  pollfd waiting{.fd = listening_fd, .events = POLLIN, .revents = 0};
  return without_interruption([&] { return poll(&waiting, 1, 0); }) > 0;
}

bool defer_accept(int listening_fd, bool defer) noexcept {
  const int seconds = defer ? 1 : 0;
  return setsockopt(listening_fd, IPPROTO_TCP, TCP_DEFER_ACCEPT, &seconds, sizeof seconds) == 0;
}

bool is_about_one_connection(int error) noexcept {
  switch (error) {
    case ECONNABORTED:
    case ECONNRESET:
    case EHOSTDOWN:
    case EHOSTUNREACH:
    case ENETDOWN:
    case ENETUNREACH:
    case ENONET:
    case ENOPROTOOPT:
    case EOPNOTSUPP:
    case EPERM:  // a firewall's rule
    case EPROTO:
    case ETIMEDOUT: return true;
    default: return false;
  }
}

Accepted accept_now(int listening_fd) noexcept {
  for (;;) {
    sockaddr_in6 address{};
    auto* const generic = reinterpret_cast<sockaddr*>(&address);  // NOLINT: as the interface wants it
    socklen_t size = sizeof address;
    const int fd = without_interruption(
        [&] { return call_accept(listening_fd, generic, &size, SOCK_NONBLOCK | SOCK_CLOEXEC); });
    const int error = fd >= 0 ? 0 : errno;
    if (error == EMFILE && raise_open_file_limit()) continue;
    make_room_beyond(fd);
    return {.socket = Descriptor(fd), .peer = peer_of(address), .error = error};
  }
}

}  // namespace chopin::system
