#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <sys/epoll.h>

#include "chopin/log.hpp"
#include "loop/coarse_clock.hpp"
#include "loop/event_handler.hpp"
#include "loop/fair_turns.hpp"
#include "loop/round_samples.hpp"
#include "loop/task_list.hpp"
#include "loop/task_queue.hpp"
#include "loop/timers.hpp"
#include "system/descriptor.hpp"

namespace boost::asio {
class execution_context;  // NOLINT(readability-identifier-naming): it is Asio's
}

namespace chopin::loop {

class IoContextGuest;  // NOLINT(cppcoreguidelines-virtual-class-destructor): which is final

/// The event loop of one thread: descriptors in an edge-triggered epoll set, deadlines, timers, and tasks
/// from its own and from other threads. Knows nothing of HTTP.
///
/// A round runs the tasks that wait for it, waits for events unless there were any tasks, calls the handlers
/// of the ready descriptors, and runs the tasks for the end of the round.
///
/// Why not Asio's: an Asio socket does not know whether a read has emptied it, so it makes another read,
/// which fails, before each wait; it does not report a FIN; and a wakeup costs Asio three system calls. Here
/// a request costs one recv and one send, and a batch of ready connections one epoll_wait.
///
/// Thread safety: one thread, except for `tasks()` and `abandon`.
/// Lifetime: must outlive the handlers it watches. Tasks and timers that are left at its end are discarded.
/// Throws: std::system_error if the kernel refuses a descriptor.
class EventLoop {
 public:
  /// `log` takes what its tasks throw.
  explicit EventLoop(Log log = {});
  ~EventLoop();
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  // Descriptors.

  /// From now on `handler` is called whenever more bytes or the end arrive on `fd`, until the descriptor is
  /// closed. Returns an errno value, 0 on success.
  [[nodiscard]] int watch(int fd, EventHandler& handler) noexcept;
  /// The same, but throws std::system_error on failure.
  void require_watch(int fd, EventHandler& handler);
  /// For a watched descriptor: `handler` is also called when it becomes writable again. Returns as `watch`.
  [[nodiscard]] int watch_writable_too(int fd, EventHandler& handler) noexcept;
  /// Ends the watch of a descriptor that may stay open elsewhere, in another process for example: then
  /// closing it here would not. Forgets the handler.
  void unwatch(int fd, const EventHandler& handler) noexcept;
  /// From any thread, for a loop that is blocked: ends the watch of `fd` and closes what it stands for. `fd`
  /// itself remains, as a descriptor of something that is no socket, until its owner closes it. The loop may
  /// still call the handler. False if the kernel refuses.
  bool abandon(int fd) noexcept;
  /// Must be called before a handler is deleted: the current batch may hold an event for it.
  void forget(const EventHandler& handler) noexcept;

  // Tasks of the loop's own thread. None of these allocates; a task that already waits keeps its place.

  /// Runs the task in the next round, which then does not wait.
  void run_next_round(Task& task) noexcept {
    if (!task.is_linked()) next_round_.push_back(task);
  }
  /// Runs the task after the handlers of all descriptors that are ready in this round. A task that is added
  /// while the round ends runs in the next one.
  void run_at_round_end(Task& task) noexcept {
    if (!task.is_linked()) round_end_.push_back(task);
  }
  /// Runs the task at the end of the next or a later round, after those of the same cost that were added
  /// before, while there is time for them.
  void run_after_others(Task& task, FairTurns::Cost cost = FairTurns::Cost::high) noexcept {
    if (!task.is_linked()) turns_.add(task, cost);
  }
  /// For those whose work may take long.
  [[nodiscard]] FairTurns& turns() noexcept { return turns_; }
  /// Whether more descriptors may have been ready in this round than it could serve.
  [[nodiscard]] bool was_batch_full() const noexcept { return batch_end_ == batch_size; }
  /// Must be called when application code has run or is about to run.
  void note_application_code() noexcept { application_code_has_run_ = follows_application_code_ != nullptr; }
  /// Runs `task` at the end of each round in which application code has run, after all other tasks. The task
  /// may also wait in one of the lists above.
  void follow_application_code(Task& task) noexcept { follows_application_code_ = &task; }
  [[nodiscard]] bool has_tasks() const noexcept { return !next_round_.empty(); }

  /// How other threads hand tasks to the loop. May outlive the loop.
  [[nodiscard]] const std::shared_ptr<TaskQueue>& tasks() const noexcept { return tasks_; }

  /// As long as `tasks()`.
  [[nodiscard]] const Log& log() const noexcept { return tasks_->log(); }

  /// The guest that this loop drives; null: none.
  [[nodiscard]] IoContextGuest* guest() const noexcept { return guest_; }
  void set_guest(IoContextGuest* guest) noexcept { guest_ = guest; }

  // Time.

  [[nodiscard]] CoarseClock& clock() noexcept { return clock_; }
  [[nodiscard]] Timers& timers() noexcept { return timers_; }

  /// Waits until there is something to do, then does it.
  void run_round() noexcept {
    if (samples_.is_due()) [[unlikely]] {
      run_measured_round();
    } else {
      run_round(forever);
    }
  }
  /// The same without waiting. False if there was nothing to do.
  bool poll_round() noexcept { return run_round(0); }

  /// From any thread.
  [[nodiscard]] RoundSamples::Counts round_samples() const noexcept { return samples_.read(); }

  /// Discards all tasks and timers. No round may run afterwards: what is added later is discarded too.
  void close() noexcept;

  /// The execution context of chopin::Executor.
  [[nodiscard]] boost::asio::execution_context& asio_context() noexcept { return *asio_context_; }

 private:
  static constexpr int forever = -1;
  static constexpr std::size_t batch_size = 64;

  bool run_round(int timeout) noexcept;
  void run_measured_round() noexcept;
  void run_tasks() noexcept;
  bool dispatch_batch(int timeout) noexcept;
  bool dispatch_all() noexcept;
  void dispatch_some() noexcept;
  void dispatch_in_turns() noexcept;
  void end_round() noexcept;

  system::Descriptor epoll_;
  std::array<epoll_event, batch_size> batch_{};
  std::size_t batch_at_ = 0;
  std::size_t batch_end_ = 0;
  RoundSamples samples_;
  TaskList next_round_;
  TaskList this_round_;  // running now
  TaskList round_end_;
  FairTurns turns_;
  Task* follows_application_code_ = nullptr;
  bool application_code_has_run_ = false;
  CoarseClock clock_;
  Timers timers_;
  std::shared_ptr<TaskQueue> tasks_;
  IoContextGuest* guest_ = nullptr;
  std::unique_ptr<boost::asio::execution_context> asio_context_;
};

}  // namespace chopin::loop
