#pragma once

#include <memory>
#include <type_traits>
#include <utility>

#include <boost/intrusive/list_hook.hpp>

namespace chopin {
class Log;
}

namespace chopin::loop {

/// A unit of work for an event loop. Waits in at most one list at a time; its destructor removes it from the
/// list. Not to be confused with `chopin::Task<T>`, which is a coroutine.
///
/// Thread safety: none; a task belongs to one thread at a time.
/// Lifetime: the caller's, or its own if it deletes itself in `run` and `discard`.
/// Throws: nothing.
class Task
    : public boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
 public:
  Task() noexcept = default;
  Task(const Task&) = delete;
  Task& operator=(const Task&) = delete;

  /// Called on the loop's thread, once for each time it was queued.
  virtual void run() noexcept = 0;
  /// Called instead of `run` if the loop ends first.
  virtual void discard() noexcept {}

 protected:
  ~Task() = default;
};

/// Logs the exception that a task has thrown. Must be called within a catch block.
void log_task_exception(const Log& log) noexcept;

/// A task that calls a function and owns itself. What the function throws is logged, in the loop's log.
template <class Function>
class FunctionTask final : public Task {
 public:
  FunctionTask(Function function, const Log& log) : log_(log), function_(std::move(function)) {}

  void run() noexcept override {
    const Log& log = log_;
    try {
      Function function(std::move(function_));
      discard();  // before the call, so that the call can reuse the memory
      std::move(function)();
    } catch (...) {
      log_task_exception(log);
    }
  }
  void discard() noexcept override { delete this; }

 private:
  ~FunctionTask() = default;

  const Log& log_;
  Function function_;
};

/// The task deletes itself. `log` is that of the loop which is to run it. Throws std::bad_alloc, and what
/// moving the function throws.
template <class Function>
Task& make_task(Function&& function, const Log& log) {
  return *new FunctionTask<std::decay_t<Function>>(std::forward<Function>(function), log);
}

}  // namespace chopin::loop
