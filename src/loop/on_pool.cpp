#include "chopin/on_pool.hpp"

#include <algorithm>
#include <chrono>
#include <mutex>
#include <sys/types.h>
#include <thread>
#include <unistd.h>

#include "loop/awaited_job.hpp"
#include "loop/work_pool.hpp"

namespace chopin::loop {
namespace {

class FunctionJob final : public AwaitedJob {
 public:
  explicit FunctionJob(std::function<void()> function) noexcept : function_(std::move(function)) {}

 private:
  void work() noexcept override { function_(); }

  const std::function<void()> function_;
};

/// In a forked child a new one: the threads of the old one are the parent's.
WorkPool& pool_of_process() {
  constexpr unsigned most_threads = 8;
  constexpr std::size_t most_waiting = 1024;
  static std::mutex mutex;
  static std::unique_ptr<WorkPool> pool;
  static pid_t process = 0;
  const std::lock_guard lock(mutex);
  if (process != getpid()) {
    pool = std::make_unique<WorkPool>(
        WorkPool::Options{.name = "pool",
                          .threads = std::clamp(std::thread::hardware_concurrency(), 1U, most_threads),
                          .most_waiting = most_waiting,
                          .priority = WorkPool::Priority::low});
    process = getpid();
  }
  return *pool;
}

}  // namespace

chopin::Task<> run_on_pool(std::function<void()> function) {
  return await_job(pool_of_process(), std::make_shared<FunctionJob>(std::move(function)),
                   {.patience = std::chrono::hours(1),
                    .too_many = "too many functions wait for the pool",
                    .too_late = "the pool took too long"});
}

}  // namespace chopin::loop
