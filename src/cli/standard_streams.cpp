#include "cli/standard_streams.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <fcntl.h>
#include <linux/limits.h>
#include <poll.h>
#include <pthread.h>
#include <unistd.h>

namespace chopin::cli {

/// open(2) takes the lowest descriptor that is free, which is the missing one. Who writes to a missing stdout
/// gets an error.
void open_missing_standard_streams() noexcept {
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    const bool is_missing = fcntl(fd, F_GETFD) < 0 && errno == EBADF;
    const int mode = fd == STDOUT_FILENO ? O_RDONLY : O_RDWR;
    if (is_missing && open("/dev/null", mode) < 0) return;  // without /dev there is nothing better to open
  }
}

/// Once poll reports room in a pipe, it takes PIPE_BUF bytes without blocking.
bool write_within(int fd, std::string_view text, std::chrono::milliseconds patience) noexcept {
  while (!text.empty()) {
    pollfd room{.fd = fd, .events = POLLOUT, .revents = 0};
    if (poll(&room, 1, static_cast<int>(patience.count())) <= 0) return false;
    const ssize_t size = write(fd, text.data(), std::min<std::size_t>(text.size(), PIPE_BUF));
    if (size > 0) text.remove_prefix(static_cast<std::size_t>(size));
    if (size < 0 && errno != EINTR && errno != EAGAIN) return false;
  }
  return true;
}

void hold_stop_signals() noexcept {
  sigset_t held;
  sigemptyset(&held);
  for (const int number : {SIGINT, SIGTERM, SIGQUIT}) sigaddset(&held, number);
  pthread_sigmask(SIG_BLOCK, &held, nullptr);
}

}  // namespace chopin::cli
