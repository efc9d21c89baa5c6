#pragma once

#include <cstdint>
#include <functional>

#include "chopin/log.hpp"
#include "connection/counters.hpp"
#include "connection/memory_budget.hpp"
#include "loop/event_loop.hpp"
#include "loop/task_list.hpp"

namespace chopin::connection {

/// A worker's view of the budget: counts what its connections hold, follows the stage, and has connections
/// closed when that is needed, at the end of the round.
///
/// Thread safety: one thread, that of the worker.
/// Lifetime: its SessionContext's.
/// Throws: the constructor.
class MemoryWatch final : private loop::Task {
 public:
  using Bytes = HeldMemory::Bytes;

  /// All must outlive this. `on_stage` is called when the stage has changed.
  MemoryWatch(MemoryBudget& budget, loop::EventLoop& loop, WorkerCounters& counters,
              std::function<void()> on_stage);

  /// `shed` closes connections that hold so many bytes together, and returns whether it closed any.
  void shed_with(std::function<bool(std::uint64_t bytes)> shed) { shed_ = std::move(shed); }

  /// A connection holds `now` instead of `before`.
  void change(Bytes before, Bytes now) noexcept {
    if (held_.change(before, now)) [[unlikely]]
      refresh();
  }
  /// To be called at each tick. `samples`: whether this worker measures the process.
  void on_tick(bool samples) noexcept;
  [[nodiscard]] MemoryStage stage() const noexcept { return stage_; }
  /// Whether there are so many connections that what the kernel holds of each without being asked, up to a
  /// few hundred KiB, could use up the budget.
  [[nodiscard]] bool kernel_may_matter() const noexcept {
    constexpr std::uint64_t times_what_is_counted = 64;
    return held_.budget().held() >= held_.budget().most() / times_what_is_counted;
  }
  /// What is left of the budget, in bytes.
  [[nodiscard]] std::uint64_t room() const noexcept { return held_.budget().room(); }

 private:
  void run() noexcept override;
  void refresh() noexcept;
  void log_stage(MemoryStage before) noexcept;

  HeldMemory held_;
  loop::EventLoop& loop_;
  WorkerCounters& counters_;
  const std::function<void()> on_stage_;
  std::function<bool(std::uint64_t)> shed_;
  MemoryStage stage_ = MemoryStage::plenty;
  std::uint32_t quiet_until_ = 0;  // the tick from which the stage may be logged again
};

}  // namespace chopin::connection
