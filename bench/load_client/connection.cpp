#include "load_client/connection.hpp"

#include <cerrno>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

namespace load {

bool Connection::open(const Address& address, int epoll) {
  descriptor_ = socket(address.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (descriptor_ < 0) return false;
  const int on = 1;
  setsockopt(descriptor_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  epoll_event event{};
  event.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
  event.data.ptr = this;
  served = 0;
  ++life_;
  if ((connect(descriptor_, address.get(), address.size()) == 0 || errno == EINPROGRESS) &&
      epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor_, &event) == 0) {
    return true;
  }
  const int reason = errno;
  close();
  errno = reason;
  return false;
}

void Connection::close() noexcept {
  if (is_open()) ::close(std::exchange(descriptor_, -1));
}

void Connection::reset() noexcept {
  const linger at_once{.l_onoff = 1, .l_linger = 0};
  setsockopt(descriptor_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  close();
}

void Connection::begin(const Request& next, Time due_at) {
  state = State::busy;
  due = due_at;
  request = &next;
  unsent_ = next.bytes;
  reader.begin(next.is_head);
}

bool Connection::send_rest() noexcept {
  while (!unsent_.empty()) {
    const ssize_t sent = send(descriptor_, unsent_.data(), unsent_.size(), MSG_NOSIGNAL);
    if (sent < 0) return errno == EAGAIN;  // as while it still connects
    unsent_.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

}  // namespace load
