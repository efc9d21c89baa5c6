#include "loop/task_queue.hpp"

#include <cerrno>
#include <exception>
#include <sys/eventfd.h>
#include <system_error>
#include <utility>

#include "loop/event_loop.hpp"

namespace chopin::loop {
namespace {

system::Descriptor open_event() {
  const int fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  if (fd < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
  return system::Descriptor(fd);
}

}  // namespace

TaskQueue::TaskQueue(EventLoop& loop, Log log) : loop_(loop), log_(std::move(log)), event_(open_event()) {
  loop.require_watch(event_.get(), *this);
}

TaskQueue::~TaskQueue() {
  close();
}

bool TaskQueue::post(Task& task) noexcept {
  {
    const std::lock_guard lock(mutex_);
    if (open_) {
      const bool was_empty = queue_.empty();
      queue_.push_back(task);
      if (was_empty) eventfd_write(event_.get(), 1);
      return true;
    }
  }
  task.discard();
  return false;
}

void TaskQueue::close() noexcept {
  {
    const std::lock_guard lock(mutex_);
    if (!open_) return;
    open_ = false;
    event_ = {};
    taken_.append(queue_);
  }
  taken_.discard_all();  // without the lock: a discarded task may post another
}

/// The eventfd need not be read: it is edge-triggered, and each write is an edge.
void TaskQueue::on_events(Events /*events*/) noexcept {
  {
    const std::lock_guard lock(mutex_);
    taken_.append(queue_);
  }
  loop_.note_application_code();
  taken_.run_all();
}

void log_task_exception(const Log& log) noexcept {
  try {
    throw;
  } catch (const std::exception& error) {
    log.error("a task threw", {{"error", error.what()}});
  } catch (...) {
    log.error("a task threw", {{"error", "something that is not a std::exception"}});
  }
}

}  // namespace chopin::loop
