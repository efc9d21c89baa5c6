#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <sys/types.h>
#include <thread>
#include <vector>

#include "chopin/loop_task.hpp"
#include "loop/task_queue.hpp"

namespace chopin::loop {

/// Work that keeps a CPU for long, for a thread of a WorkPool. Returns to its loop as a task.
///
/// Thread safety: none; a thread of the pool has it from `WorkPool::add` until it is back.
/// Lifetime: shared by who waits for it and the pool.
/// Throws: nothing.
class PoolJob : public Task, public std::enable_shared_from_this<PoolJob> {
 public:
  virtual ~PoolJob() = default;

  [[nodiscard]] bool is_withdrawn() const noexcept { return is_withdrawn_.load(std::memory_order_relaxed); }

 private:
  friend class WorkPool;

  /// On a thread of the pool.
  virtual void work() noexcept = 0;
  /// On the loop's thread, after `work`.
  virtual void on_done() noexcept = 0;

  void run() noexcept final;
  void discard() noexcept final;

  std::atomic<bool> is_withdrawn_ = false;
  std::shared_ptr<TaskQueue> loop_;
  std::shared_ptr<PoolJob> self_;  // while it waits in the loop's queue
};

/// A bounded number of threads for jobs, which take them in their order. A thread starts when a job finds
/// none that is free.
///
/// Thread safety: any thread.
/// Lifetime: longer than whoever waits for its jobs. The destructor drops the jobs that wait, and waits for
///           those at hand, for `longest_end` at most; a thread that takes longer ends by itself. Must not be
///           used in a forked child if it has threads.
/// Throws: std::bad_alloc from the constructor.
class WorkPool {
 public:
  static constexpr std::chrono::seconds longest_end{1};

  /// When its threads run.
  enum class Priority : std::uint8_t {
    usual,
    low,       ///< about a tenth of the time when another thread wants the CPU
    when_idle  ///< when no other thread wants it
  };

  struct Options {
    std::string name;          ///< of the threads: see system::name_this_thread
    std::size_t threads = 1;   ///< at most
    std::size_t most_waiting;  ///< jobs that no thread has taken yet
    Priority priority = Priority::when_idle;
  };

  explicit WorkPool(Options options);
  ~WorkPool();
  WorkPool(const WorkPool&) = delete;
  WorkPool& operator=(const WorkPool&) = delete;

  /// Takes a job that comes back to `loop`. False if too many wait, or no thread can start; the job is not
  /// worked on then.
  [[nodiscard]] bool add(const std::shared_ptr<PoolJob>& job, std::shared_ptr<TaskQueue> loop) noexcept;
  /// Nobody waits for the job any more: `on_done` is not called, nor is `work` if it has not begun. Then the
  /// pool lets go of it. On the thread of the job's loop.
  void withdraw(PoolJob& job) noexcept;

 private:
  struct Shared {
    std::mutex mutex;
    std::condition_variable changed;
    std::condition_variable thread_ended;
    std::deque<std::shared_ptr<PoolJob>> waiting;  // under mutex
    std::size_t running = 0;                       // under mutex: threads
    std::size_t free = 0;                          // under mutex: threads that wait for a job
    bool is_ended = false;                         // under mutex
  };

  [[nodiscard]] bool has_thread_for_one_more();
  void start_thread();
  static void set_priority(Priority priority) noexcept;
  static void run_thread(Shared& shared) noexcept;
  static void give_back(std::shared_ptr<PoolJob> job) noexcept;

  const Options options_;
  const std::shared_ptr<Shared> shared_;
  std::vector<std::thread> threads_;  // under the mutex
  pid_t process_ = 0;                 // that has the threads
};

}  // namespace chopin::loop
