#include "server/socket_calls.hpp"

#include <cerrno>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string>
#include <sys/socket.h>
#include <system_error>

namespace chopin::server {
namespace {

[[noreturn]] void fail(const char* operation, const char* option) {
  throw std::system_error(errno, std::generic_category(), std::string(operation) + " " + option);
}

void require(int fd, int level, int option, const char* name, int value) {
  if (setsockopt(fd, level, option, &value, sizeof value) != 0) fail("cannot set", name);
}

bool read(int fd, int level, int option, const char* name) {
  int value = 0;
  socklen_t size = sizeof value;
  if (getsockopt(fd, level, option, &value, &size) != 0) fail("cannot read", name);
  return value != 0;
}

}  // namespace

void require_listening_options(int fd, bool is_v6) {
  require(fd, SOL_SOCKET, SO_REUSEADDR, "SO_REUSEADDR", 1);
  require(fd, IPPROTO_TCP, TCP_NODELAY, "TCP_NODELAY", 1);
  if (is_v6) require(fd, IPPROTO_IPV6, IPV6_V6ONLY, "IPV6_V6ONLY", 0);
}

void require_shared_port(int fd) {
  require(fd, SOL_SOCKET, SO_REUSEPORT, "SO_REUSEPORT", 1);
}

SocketOptions read_socket_options(int fd) {
  return {.reuse_address = read(fd, SOL_SOCKET, SO_REUSEADDR, "SO_REUSEADDR"),
          .reuse_port = read(fd, SOL_SOCKET, SO_REUSEPORT, "SO_REUSEPORT"),
          .no_delay = read(fd, IPPROTO_TCP, TCP_NODELAY, "TCP_NODELAY")};
}

std::uint32_t effective_backlog(int fd) noexcept {
  tcp_info info{};
  socklen_t size = sizeof info;
  if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) != 0) return 0;
  return info.tcpi_sacked;  // of a listening socket: the limit of its queue
}

SendResult send_now(int fd, std::string_view bytes) noexcept {
  for (;;) {
    const ssize_t sent = send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent >= 0) [[likely]]
      return {.sent = static_cast<std::size_t>(sent)};
    if (errno == EINTR) continue;
    return {.failed = errno != EAGAIN};
  }
}

}  // namespace chopin::server
