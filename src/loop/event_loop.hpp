#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <sys/epoll.h>

#include "loop/coarse_clock.hpp"
#include "loop/event_handler.hpp"
#include "loop/task_list.hpp"
#include "loop/task_queue.hpp"
#include "loop/timers.hpp"
#include "system/descriptor.hpp"

namespace boost::asio {
class execution_context;  // NOLINT(readability-identifier-naming): it is Asio's
}

namespace chopin::loop {

/// All that one thread waits for: descriptors in an edge-triggered epoll set, deadlines, timers, and tasks of
/// its own and of other threads. Knows nothing of HTTP.
///
/// A round gives their turn to the tasks that wait for one, waits unless there was such a task, tells the
/// owners of the descriptors that are ready, and runs what has asked for the end of the round.
///
/// An Asio socket is not told whether a read has emptied it, so before each wait it tries another one that
/// fails; it reports no FIN; and Asio pays for a wakeup with three system calls. Here a request costs one
/// recv and one send, and a batch of ready connections one epoll_wait.
///
/// Thread safety: one thread, but for `tasks()`.
/// Lifetime: of all that it watches and runs; tasks and timers that are left are discarded at its end.
/// Throws: std::system_error where the kernel has no descriptor for it.
class EventLoop {
 public:
  EventLoop();
  ~EventLoop();
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  // Descriptors.

  /// From now on `handler` hears when `fd` becomes readable: whenever more bytes or the end have come.
  /// Returns an errno value, 0 on success. Closing the descriptor ends it.
  [[nodiscard]] int watch(int fd, EventHandler& handler) noexcept;
  /// The same for what the loop cannot do without. Throws std::system_error.
  void require_watch(int fd, EventHandler& handler);
  /// Of a descriptor that is watched: and when it becomes writable again.
  [[nodiscard]] int watch_writable_too(int fd, EventHandler& handler) noexcept;
  /// Must be called before a handler goes.
  void forget(const EventHandler& handler) noexcept;

  // Tasks of the loop's own thread. None of these allocates; a task that waits already keeps its place.

  /// Runs the task in the next round, which then does not wait.
  void run_next_round(Task& task) noexcept {
    if (!task.is_linked()) next_round_.push_back(task);
  }
  /// Runs the task when everyone who is ready in this round has been told. A task that asks for it while the
  /// round ends is run in the next one.
  void run_at_round_end(Task& task) noexcept {
    if (!task.is_linked()) round_end_.push_back(task);
  }
  /// Code of the application has run, or is about to.
  void note_application_code() noexcept { application_code_has_run_ = follows_application_code_ != nullptr; }
  /// Runs `task` at the end of each round in which code of the application has run, after all others. It may
  /// wait for a turn besides.
  void follow_application_code(Task& task) noexcept { follows_application_code_ = &task; }
  [[nodiscard]] bool has_tasks() const noexcept { return !next_round_.empty(); }

  /// The way in from other threads, which may outlive the loop.
  [[nodiscard]] const std::shared_ptr<TaskQueue>& tasks() const noexcept { return tasks_; }

  // Time.

  [[nodiscard]] CoarseClock& clock() noexcept { return clock_; }
  [[nodiscard]] Timers& timers() noexcept { return timers_; }

  /// Waits until there is something to do, and does it.
  void run_round() noexcept { run_round(forever); }
  /// The same without waiting. False: there was nothing to do.
  bool poll_round() noexcept { return run_round(0); }

  /// From now on nothing runs any more: tasks and timers are discarded, those that come later too.
  void close() noexcept;

  /// Asio's idea of this loop; see chopin::Executor.
  [[nodiscard]] boost::asio::execution_context& asio_context() noexcept { return *asio_context_; }

 private:
  static constexpr int forever = -1;
  static constexpr std::size_t batch_size = 64;

  bool run_round(int timeout) noexcept;
  void run_tasks() noexcept;
  bool dispatch_batch(int timeout) noexcept;
  void end_round() noexcept;

  system::Descriptor epoll_;
  std::array<epoll_event, batch_size> batch_{};
  std::size_t batch_at_ = 0;
  std::size_t batch_end_ = 0;
  TaskList next_round_;
  TaskList this_round_;  // those whose turn it is
  TaskList round_end_;
  Task* follows_application_code_ = nullptr;
  bool application_code_has_run_ = false;
  CoarseClock clock_;
  Timers timers_;
  std::shared_ptr<TaskQueue> tasks_;
  std::unique_ptr<boost::asio::execution_context> asio_context_;
};

}  // namespace chopin::loop
