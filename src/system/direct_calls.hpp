#pragma once

#include <cstddef>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

/// The system calls of a request and of its connection, without glibc's functions of that name. Those are
/// cancellation points, and in a program with several threads each call prepares for that: 25 instructions of
/// glibc 2.36.
/// No thread here is ever cancelled. The sanitizers follow glibc's functions, so builds with one call these.
namespace chopin::system {

#if defined(CHOPIN_SANITIZED) || !defined(SYS_epoll_wait)
inline ssize_t call_recv(int fd, void* space, std::size_t size) noexcept {
  return recv(fd, space, size, 0);
}
inline ssize_t call_send(int fd, const void* bytes, std::size_t size, int flags) noexcept {
  return send(fd, bytes, size, flags);
}
inline int call_epoll_wait(int epoll_fd, epoll_event* events, int most, int timeout) noexcept {
  return epoll_wait(epoll_fd, events, most, timeout);
}
inline int call_accept(int fd, sockaddr* address, socklen_t* size, int flags) noexcept {
  return accept4(fd, address, size, flags);
}
inline void call_close(int fd) noexcept {
  close(fd);
}
#else
inline ssize_t call_recv(int fd, void* space, std::size_t size) noexcept {
  return syscall(SYS_recvfrom, fd, space, size, 0, nullptr, nullptr);
}
inline ssize_t call_send(int fd, const void* bytes, std::size_t size, int flags) noexcept {
  return syscall(SYS_sendto, fd, bytes, size, flags, nullptr, 0);
}
inline int call_epoll_wait(int epoll_fd, epoll_event* events, int most, int timeout) noexcept {
  return static_cast<int>(syscall(SYS_epoll_wait, epoll_fd, events, most, timeout));
}
inline int call_accept(int fd, sockaddr* address, socklen_t* size, int flags) noexcept {
  return static_cast<int>(syscall(SYS_accept4, fd, address, size, flags));
}
inline void call_close(int fd) noexcept {
  syscall(SYS_close, fd);
}
#endif

}  // namespace chopin::system
