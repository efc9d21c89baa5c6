#include "log/stderr_output.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <exception>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <climits>
#include <spdlog/details/os.h>

namespace chopin::log {
namespace {

/// What one write takes: a pipe takes so much at once or not at all, so that lines of other processes on the
/// same pipe do not end up inside ours (pipe(7), PIPE_BUF).
constexpr std::size_t chunk_size = PIPE_BUF;

/// no-color.org: any value but the empty one.
bool wants_colour(int fd) {
  const char* const no_color = std::getenv("NO_COLOR");
  if (no_color != nullptr && *no_color != '\0') return false;
  return isatty(fd) != 0 && spdlog::details::os::is_color_terminal();
}

/// A second, non-blocking description of a pipe or terminal: the flag on the descriptor itself would concern
/// every process that has it. Not open if that may not be, or if it is something else.
system::Descriptor open_once_more(int fd, mode_t mode) {
  if (!S_ISFIFO(mode) && !S_ISCHR(mode)) return {};
  const std::string path = "/proc/self/fd/" + std::to_string(fd);
  return system::Descriptor(open(path.c_str(), O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
}

}  // namespace

StderrOutput::StderrOutput(LogFormat format, int descriptor) : fd_(descriptor) {
  if (format == LogFormat::text) text_format_.emplace(wants_colour(fd_));
  chunk_.reserve(2 * chunk_size);
  struct stat status{};
  if (fstat(fd_, &status) != 0) return;
  is_socket_ = S_ISSOCK(status.st_mode);
  own_ = open_once_more(fd_, status.st_mode);
  if (own_.is_open()) fd_ = own_.get();
}

std::size_t StderrOutput::write(std::span<const QueuedLine> lines) noexcept {
  std::size_t failed = 0;
  std::size_t in_chunk = 0;
  const auto flush = [&] {
    if (!write_all(chunk_)) failed += in_chunk;
    chunk_.clear();
    in_chunk = 0;
  };
  for (const QueuedLine& line : lines) {
    try {
      const std::string_view text = formatted(line);
      if (in_chunk > 0 && chunk_.size() + text.size() > chunk_size) flush();
      chunk_ += text;
      ++in_chunk;
    } catch (const std::exception&) {
      ++failed;
    }
  }
  if (in_chunk > 0) flush();
  return failed;
}

std::string_view StderrOutput::formatted(const QueuedLine& line) {
  line_.clear();
  if (text_format_) {
    text_format_->append(line, line_);
  } else {
    line_.append(line.text.data(), line.text.data() + line.text.size());
    line_.push_back('\n');
  }
  return {line_.data(), line_.size()};
}

/// After a line of which only a part could be written, the next one begins with a line end.
bool StderrOutput::write_all(std::string_view bytes) noexcept {
  bool has_begun = false;
  if (has_partial_line_) has_partial_line_ = write_some("\n") != 1;
  while (!bytes.empty()) {
    const ssize_t size = write_some(bytes);
    if (size > 0) {
      bytes.remove_prefix(static_cast<std::size_t>(size));
      has_begun = true;
      continue;
    }
    const bool may_wait = size < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
    if (size < 0 && !may_wait) error_ = errno;
    if (!may_wait || !wait_for_room()) {
      has_partial_line_ |= has_begun;
      return false;
    }
  }
  return true;
}

ssize_t StderrOutput::write_some(std::string_view bytes) const noexcept {
  const std::size_t size = std::min(bytes.size(), chunk_size);
  for (;;) {
    if (!own_.is_open() && !is_socket_) {
      // It may block. A pipe with room for anything has room for PIPE_BUF bytes, and a file always has.
      pollfd room{.fd = fd_, .events = POLLOUT, .revents = 0};
      if (poll(&room, 1, 0) == 0) {
        errno = EAGAIN;
        return -1;
      }
    }
    const ssize_t written = is_socket_ ? send(fd_, bytes.data(), size, MSG_DONTWAIT | MSG_NOSIGNAL)
                                       : ::write(fd_, bytes.data(), size);
    if (written >= 0 || errno != EINTR) return written;
  }
}

/// False once the time is over.
bool StderrOutput::wait_for_room() const noexcept {
  using std::chrono::milliseconds;
  constexpr milliseconds between_looks{100};  // at `end_`, which another thread sets
  for (;;) {
    const auto left = end_.load() - std::chrono::steady_clock::now();
    if (left <= Time::duration::zero()) return false;
    const auto wait = std::min(std::chrono::ceil<milliseconds>(left), between_looks);
    pollfd room{.fd = fd_, .events = POLLOUT, .revents = 0};
    const int ready = poll(&room, 1, static_cast<int>(wait.count()));
    if (ready > 0) return true;
    if (ready < 0 && errno != EINTR) return false;
  }
}

}  // namespace chopin::log
