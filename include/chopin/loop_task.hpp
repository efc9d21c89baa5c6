#pragma once

#include <memory>
#include <type_traits>
#include <utility>

#include <boost/intrusive/list_hook.hpp>

namespace chopin::loop {

/// A unit of work for an event loop. It waits in at most one list at a time, and its destructor takes it out
/// of there. (`chopin::Task<T>` is a coroutine; such units drive it.)
class Task
    : public boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
 public:
  Task() noexcept = default;
  Task(const Task&) = delete;
  Task& operator=(const Task&) = delete;

  /// On the loop's thread, once.
  virtual void run() noexcept = 0;
  /// Instead of `run`, where the loop ends first. A task that owns itself deletes itself in both.
  virtual void discard() noexcept {}

 protected:
  ~Task() = default;
};

/// Writes to the log what a task has thrown. To be called within a catch block.
void log_task_exception() noexcept;

/// A function as a task that owns itself. What the function throws is logged.
template <class Function>
class FunctionTask final : public Task {
 public:
  explicit FunctionTask(Function function) : function_(std::move(function)) {}

  void run() noexcept override {
    try {
      Function function(std::move(function_));
      discard();  // before the call: it may go on for long, and free the memory for what comes next
      std::move(function)();
    } catch (...) {
      log_task_exception();
    }
  }
  void discard() noexcept override { delete this; }

 private:
  ~FunctionTask() = default;

  Function function_;
};

/// Throws std::bad_alloc, and what moving the function throws.
template <class Function>
Task& make_task(Function&& function) {
  return *new FunctionTask<std::decay_t<Function>>(std::forward<Function>(function));
}

}  // namespace chopin::loop
