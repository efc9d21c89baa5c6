#include "log/line_queue.hpp"

#include <exception>
#include <utility>

namespace chopin::log {

void LineQueue::push(QueuedLine line) noexcept {
  const std::size_t size = sizeof(QueuedLine) + line.text.capacity();
  const std::size_t most = line.level >= LogLevel::warn ? most_bytes : most_bytes - reserve;
  bool wakes = false;
  {
    const std::lock_guard lock(mutex_);
    bool has_room = !is_closed_ && waiting_bytes_ + taken_bytes_ + size <= most;
    try {
      if (has_room) waiting_.push_back(std::move(line));
    } catch (const std::exception&) {
      has_room = false;
    }
    if (has_room) {
      waiting_bytes_ += size;
    } else {
      ++lost_;
      ++unreported_;
    }
    wakes = std::exchange(thread_waits_, false);
  }
  if (wakes) changed_.notify_one();
}

void LineQueue::take(Taken& taken) noexcept {
  taken.lines.clear();
  std::unique_lock lock(mutex_);
  taken_bytes_ = 0;
  while (waiting_.empty() && !is_closed_) {
    thread_waits_ = true;
    changed_.wait(lock);
  }
  taken.lines.swap(waiting_);
  taken_bytes_ = std::exchange(waiting_bytes_, 0);
  taken.lost_after_them = std::exchange(unreported_, 0);
}

void LineQueue::close() noexcept {
  {
    const std::lock_guard lock(mutex_);
    is_closed_ = true;
    thread_waits_ = false;
  }
  changed_.notify_one();
}

bool LineQueue::is_empty() const noexcept {
  const std::lock_guard lock(mutex_);
  return waiting_.empty();
}

void LineQueue::count_lost(std::uint64_t lines, bool is_reported) noexcept {
  const std::lock_guard lock(mutex_);
  lost_ += lines;
  if (!is_reported) unreported_ += lines;
}

void LineQueue::count_unreported(std::uint64_t lines) noexcept {
  const std::lock_guard lock(mutex_);
  unreported_ += lines;
}

std::uint64_t LineQueue::lost() const noexcept {
  const std::lock_guard lock(mutex_);
  return lost_;
}

}  // namespace chopin::log
