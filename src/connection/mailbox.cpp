#include "connection/mailbox.hpp"

#include <cerrno>
#include <exception>
#include <sys/eventfd.h>
#include <system_error>
#include <utility>

#include "log/log.hpp"

namespace chopin::connection {
namespace {

int open_eventfd() {
  const int fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  if (fd < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
  return fd;
}

}  // namespace

Mailbox::Mailbox(loop::Readiness& readiness, std::function<void(Letter)> on_letter)
    : event_(open_eventfd()), on_letter_(std::move(on_letter)) {
  readiness.require_watch(event_.get(), *this);
}

bool Mailbox::post(Letter letter) {
  const std::lock_guard lock(mutex_);
  if (!open_) return false;
  queue_.push_back(std::move(letter));
  eventfd_write(event_.get(), 1);
  return true;
}

void Mailbox::close() {
  std::vector<Letter> unread;  // goes without the lock: a letter may post in its end
  const std::lock_guard lock(mutex_);
  if (!open_) return;
  open_ = false;
  unread.swap(queue_);
  event_ = {};
}

/// Each write is an edge, so the eventfd need not be read.
void Mailbox::on_ready(Events /*events*/) {
  std::vector<Letter> letters;
  {
    const std::lock_guard lock(mutex_);
    letters.swap(queue_);
  }
  for (Letter& letter : letters) {
    if (!event_.is_open()) return;  // the one before has closed it
    try {
      on_letter_(std::move(letter));
    } catch (const std::exception& error) {  // the next one may be a command to stop
      log::error("a message to a worker came to nothing: {}", error.what());
    }
  }
}

}  // namespace chopin::connection
