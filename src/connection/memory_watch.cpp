#include "connection/memory_watch.hpp"

#include <algorithm>
#include <exception>
#include <utility>

#include "system/memory.hpp"

namespace chopin::connection {

MemoryWatch::MemoryWatch(MemoryBudget& budget, loop::EventLoop& loop, WorkerCounters& counters,
                         std::function<void()> on_stage)
    : held_(budget), loop_(loop), counters_(counters), on_stage_(std::move(on_stage)) {}

void MemoryWatch::on_tick(bool samples) noexcept {
  // Measuring takes three system calls: a server with plenty of memory is measured every eight seconds.
  constexpr std::uint32_t most_ticks = 16;
  MemoryBudget& budget = held_.budget();
  const bool is_due = budget.used() >= budget.most() / 4 || loop_.clock().now() % most_ticks == 0;
  if (samples && stage_ > MemoryStage::plenty) system::give_back_free_memory();
  if (samples && is_due) budget.sample(system::own_memory());
  refresh();
}

void MemoryWatch::refresh() noexcept {
  const MemoryStage before = std::exchange(stage_, held_.budget().stage_after(stage_));
  if (stage_ != before) {
    if (stage_ > before) counters_.count(stage_);
    log_stage(before);
    on_stage_();
  }
  if (stage_ >= MemoryStage::shed) loop_.run_at_round_end(*this);
}

/// Closes connections until this worker has given up its share of the excess.
void MemoryWatch::run() noexcept try {
  const MemoryBudget& budget = held_.budget();
  const std::uint64_t excess = budget.excess();
  if (excess == 0 || !shed_) return;
  const std::uint64_t by_all = std::max(budget.held(), held_.held());
  const auto share = static_cast<double>(held_.held()) / static_cast<double>(by_all + 1);
  if (shed_(static_cast<std::uint64_t>(static_cast<double>(excess) * share) + 1)) refresh();
} catch (const std::exception&) {
  return;  // out of memory: the next tick tries again
}

/// At most one line in ten seconds from each worker.
void MemoryWatch::log_stage(MemoryStage before) noexcept {
  constexpr std::uint32_t quiet_ticks = 20;
  const std::uint32_t now = loop_.clock().now();
  if (stage_ < before || static_cast<std::int32_t>(now - quiet_until_) < 0) return;
  quiet_until_ = now + quiet_ticks;
  constexpr std::uint64_t mib = std::uint64_t{1024} * 1024;
  loop_.log().warn("memory is short", {{"stage", to_string(stage_)},
                                       {"used_mib", held_.budget().used() / mib},
                                       {"max_memory_mib", held_.budget().most() / mib},
                                       {"connections_hold_mib", held_.budget().held() / mib}});
}

}  // namespace chopin::connection
