#include "system/socket_passing.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstring>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace chopin::system {
namespace {

struct LocalAddress {
  explicit LocalAddress(std::string_view name) noexcept {
    address.sun_family = AF_UNIX;
    const std::size_t length = std::min(name.size(), sizeof address.sun_path - 1);
    std::memcpy(address.sun_path + 1, name.data(), length);  // the leading NUL makes it abstract
    size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + length);
  }
  [[nodiscard]] const sockaddr* get() const noexcept {
    return reinterpret_cast<const sockaddr*>(&address);  // NOLINT: that is the interface
  }

  sockaddr_un address{};
  socklen_t size = 0;
};

Descriptor open_local() noexcept {
  return Descriptor(socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
}

/// Else descriptors would pass between users.
bool is_of_this_user(int fd) noexcept {
  ucred peer{};
  socklen_t size = sizeof peer;
  return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 && peer.uid == geteuid();
}

void limit_waits(int fd, std::chrono::milliseconds timeout) noexcept {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(timeout);
  const timeval limit{.tv_sec = seconds.count(),
                      .tv_usec = std::chrono::microseconds(timeout - seconds).count()};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
}

Descriptor if_of_this_user(Descriptor socket) noexcept {
  if (!socket.is_open() || is_of_this_user(socket.get())) return socket;
  socket = {};
  errno = EPERM;
  return socket;
}

/// Repeats a call that a signal interrupted, for a while. On a socket with a timeout no call is restarted,
/// whatever SA_RESTART says, and SIGCONT interrupts it too (signal(7)).
template <class Call>
auto repeat_while_interrupted(Call call) noexcept {
  using Clock = std::chrono::steady_clock;
  const auto until = Clock::now() + passing_timeout;
  for (;;) {
    const auto result = call();
    if (result >= 0 || errno != EINTR || Clock::now() >= until) return result;
  }
}

/// Memory for the descriptors of one message.
struct ControlSpace {
  static constexpr std::size_t size = CMSG_SPACE(DescriptorMessage::most_descriptors * sizeof(int));
  alignas(cmsghdr) std::array<char, size> bytes{};
};

}  // namespace

Descriptor listen_locally(std::string_view name) {
  Descriptor socket = open_local();
  const LocalAddress address(name);
  constexpr int backlog = 16;
  if (socket.is_open() && bind(socket.get(), address.get(), address.size) == 0 &&
      listen(socket.get(), backlog) == 0) {
    return socket;
  }
  if (errno == EADDRINUSE) return {};
  throw std::system_error(errno, std::generic_category(), "cannot open a local socket");
}

Descriptor connect_locally(std::string_view name, std::chrono::milliseconds timeout) noexcept {
  Descriptor socket = open_local();
  if (!socket.is_open()) return {};
  limit_waits(socket.get(), timeout);
  const LocalAddress address(name);
  if (repeat_while_interrupted([&] { return connect(socket.get(), address.get(), address.size); }) != 0) {
    return {};
  }
  return if_of_this_user(std::move(socket));
}

Descriptor accept_locally(int listening_fd) noexcept {
  Descriptor socket(accept4(listening_fd, nullptr, nullptr, SOCK_CLOEXEC));
  if (socket.is_open()) limit_waits(socket.get(), passing_timeout);
  return if_of_this_user(std::move(socket));
}

bool send_message(int fd, char kind, std::span<const Descriptor> descriptors) noexcept {
  iovec piece{.iov_base = &kind, .iov_len = 1};
  msghdr message{};
  message.msg_iov = &piece;
  message.msg_iovlen = 1;
  ControlSpace control;
  if (!descriptors.empty()) {
    const std::size_t size = descriptors.size() * sizeof(int);
    message.msg_control = control.bytes.data();
    message.msg_controllen = static_cast<socklen_t>(CMSG_SPACE(size));  // its type in musl
    cmsghdr* const header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = static_cast<socklen_t>(CMSG_LEN(size));
    unsigned char* out = CMSG_DATA(header);
    for (const Descriptor& descriptor : descriptors) {
      const int number = descriptor.get();
      std::memcpy(out, &number, sizeof number);
      out += sizeof number;
    }
  }
  return repeat_while_interrupted([&] { return sendmsg(fd, &message, MSG_NOSIGNAL); }) == 1;
}

DescriptorMessage receive_message(int fd) {
  DescriptorMessage received;
  received.descriptors.reserve(DescriptorMessage::most_descriptors);  // once they are here nothing may throw
  iovec piece{.iov_base = &received.kind, .iov_len = 1};
  ControlSpace control;
  msghdr message{};
  message.msg_iov = &piece;
  message.msg_iovlen = 1;
  message.msg_control = control.bytes.data();
  message.msg_controllen = control.bytes.size();
  if (repeat_while_interrupted([&] { return recvmsg(fd, &message, MSG_CMSG_CLOEXEC); }) <= 0) return {};
  for (cmsghdr* header = CMSG_FIRSTHDR(&message); header != nullptr; header = CMSG_NXTHDR(&message, header)) {
    if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) continue;
    const unsigned char* in = CMSG_DATA(header);
    for (std::size_t left = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int); left > 0; --left) {
      int number = -1;
      std::memcpy(&number, in, sizeof number);
      in += sizeof number;
      received.descriptors.emplace_back(number);
    }
  }
  if ((message.msg_flags & MSG_CTRUNC) != 0) return {};  // the limit of open files allowed only a part
  return received;
}

std::uint64_t identity_of(int fd) noexcept {
  struct stat status{};
  return fstat(fd, &status) == 0 ? status.st_ino : 0;
}

}  // namespace chopin::system
