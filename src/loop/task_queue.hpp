#pragma once

#include <atomic>
#include <mutex>
#include <thread>
#include <type_traits>
#include <utility>

#include "chopin/log.hpp"
#include "loop/event_handler.hpp"
#include "loop/task_list.hpp"
#include "system/descriptor.hpp"

namespace chopin::loop {

class EventLoop;

/// How other threads hand tasks to a loop: a list under a mutex, and an eventfd, which is written only when
/// the list was empty.
///
/// Thread safety: `post` and `belongs_to_this_thread` from any thread, the rest on the loop's thread.
/// Lifetime: may outlive the loop once it is closed.
/// Throws: the constructor, and `post` of a function.
class TaskQueue final : public EventHandler {
 public:
  /// Throws std::system_error.
  TaskQueue(EventLoop& loop, Log log);
  ~TaskQueue();

  /// Once the queue is closed, the task is discarded and the result is false.
  bool post(Task& task) noexcept;
  /// The same for a function. Throws std::bad_alloc.
  template <class Function>
  bool post(Function function)
    requires(!std::is_base_of_v<Task, Function>)
  {
    return post(make_task(std::move(function), log_));
  }
  [[nodiscard]] bool belongs_to_this_thread() const noexcept { return owner_ == std::this_thread::get_id(); }

  /// Makes the calling thread the queue's owner. To be called before the loop runs.
  void claim() noexcept { owner_ = std::this_thread::get_id(); }
  /// To be called at the end of the loop's thread: another thread may get its id.
  void disclaim() noexcept { owner_ = std::thread::id(); }
  /// What the loop logs into.
  [[nodiscard]] const Log& log() const noexcept { return log_; }

  /// Accepts no more tasks, and discards those that have not run.
  void close() noexcept;

 private:
  void on_events(Events events) noexcept override;

  EventLoop& loop_;
  const Log log_;
  system::Descriptor event_;
  std::atomic<std::thread::id> owner_;
  TaskList taken_;  // about to run; only the loop's thread uses it
  std::mutex mutex_;
  TaskList queue_;    // under mutex_
  bool open_ = true;  // under mutex_
};

}  // namespace chopin::loop
