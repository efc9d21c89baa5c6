#pragma once

#include <atomic>
#include <mutex>
#include <thread>
#include <type_traits>
#include <utility>

#include "loop/event_handler.hpp"
#include "loop/task_list.hpp"
#include "system/descriptor.hpp"

namespace chopin::loop {

class EventLoop;

/// The way into a loop from other threads: a list under a mutex and an eventfd, which is written once for all
/// tasks that the loop finds at one look. May outlive the loop once it is closed, and then takes nothing any
/// more.
class TaskQueue final : public EventHandler {
 public:
  /// Throws std::system_error.
  explicit TaskQueue(EventLoop& loop);
  ~TaskQueue();

  /// From any thread. False, and the task is discarded, once the queue is closed.
  bool post(Task& task) noexcept;
  /// The same for a function. Throws std::bad_alloc.
  template <class Function>
  bool post(Function function)
    requires(!std::is_base_of_v<Task, Function>)
  {
    return post(make_task(std::move(function)));
  }
  [[nodiscard]] bool belongs_to_this_thread() const noexcept { return owner_ == std::this_thread::get_id(); }

  /// On the loop's thread, before it runs: whose queue it is.
  void claim() noexcept { owner_ = std::this_thread::get_id(); }
  /// At the end of the loop's thread, whose id may be given to another.
  void disclaim() noexcept { owner_ = std::thread::id(); }
  /// On the loop's thread: takes no more tasks, and discards those that have not run.
  void close() noexcept;

 private:
  void on_events(Events events) noexcept override;

  EventLoop& loop_;
  system::Descriptor event_;
  std::atomic<std::thread::id> owner_;
  TaskList taken_;  // by the loop's thread, and about to run
  std::mutex mutex_;
  TaskList queue_;    // under mutex_
  bool open_ = true;  // under mutex_
};

}  // namespace chopin::loop
