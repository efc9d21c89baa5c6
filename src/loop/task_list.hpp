#pragma once

#include <boost/intrusive/list.hpp>

#include "chopin/loop_task.hpp"

namespace chopin::loop {

/// Tasks in the order in which they run. Does not own them.
class TaskList {
 public:
  [[nodiscard]] bool empty() const noexcept { return tasks_.empty(); }
  void push_back(Task& task) noexcept { tasks_.push_back(task); }
  /// Moves all tasks of `other` to the end of this list.
  void append(TaskList& other) noexcept { tasks_.splice(tasks_.end(), other.tasks_); }
  /// Moves all tasks of `other` before those of this list.
  void prepend(TaskList& other) noexcept { tasks_.splice(tasks_.begin(), other.tasks_); }
  /// Runs all tasks, including those that are added meanwhile.
  void run_all() noexcept {
    while (!empty()) run_first();
  }
  /// There must be one.
  void run_first() noexcept { take_first().run(); }
  void discard_all() noexcept {
    while (!empty()) take_first().discard();
  }

 private:
  Task& take_first() noexcept {
    Task& first = tasks_.front();
    tasks_.pop_front();
    return first;
  }

  boost::intrusive::list<Task, boost::intrusive::constant_time_size<false>> tasks_;
};

}  // namespace chopin::loop
