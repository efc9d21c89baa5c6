#include "connection/memory_budget.hpp"

#include <array>

namespace chopin::connection {
namespace {

constexpr std::uint64_t parts_of_budget = 64;

/// Where each stage begins, in 64ths of the budget. Between `shed` and the whole there must be room for what
/// the workers have not reported yet, and for copies that handlers make.
constexpr std::array<std::uint64_t, memory_stage_count> stage_starts{0, 48, 54, 58, 62};
constexpr std::uint64_t parts_of_hysteresis = 3;

std::uint64_t start_of(MemoryStage stage) noexcept {
  return stage_starts[static_cast<std::size_t>(stage)];
}

}  // namespace

MemoryBudget::MemoryBudget(Settings settings) noexcept
    : most_(std::min(settings.most, no_limit)),
      most_unreported_(static_cast<std::int64_t>(std::clamp<std::uint64_t>(
          most_ / parts_of_budget / settings.workers, 4096, std::uint64_t{256} * 1024))) {}

void MemoryBudget::report(std::int64_t own, std::int64_t kernel) noexcept {
  own_.fetch_add(own, std::memory_order_relaxed);
  kernel_.fetch_add(kernel, std::memory_order_relaxed);
}

void MemoryBudget::sample(std::uint64_t own_memory) noexcept {
  const std::int64_t rest = static_cast<std::int64_t>(own_memory) - own_.load(std::memory_order_relaxed);
  rest_.store(std::max<std::int64_t>(rest, 0), std::memory_order_relaxed);
}

std::uint64_t MemoryBudget::used() const noexcept {
  const std::int64_t sum = own_.load(std::memory_order_relaxed) + kernel_.load(std::memory_order_relaxed) +
                           rest_.load(std::memory_order_relaxed);
  return static_cast<std::uint64_t>(std::max<std::int64_t>(sum, 0));
}

std::uint64_t MemoryBudget::held() const noexcept {
  const std::int64_t sum = own_.load(std::memory_order_relaxed) + kernel_.load(std::memory_order_relaxed);
  return static_cast<std::uint64_t>(std::max<std::int64_t>(sum, 0));
}

std::uint64_t MemoryBudget::excess() const noexcept {
  const std::uint64_t use = used();
  if (use < most_ / parts_of_budget * start_of(MemoryStage::shed)) return 0;
  return use - most_ / parts_of_budget * (start_of(MemoryStage::shed) - parts_of_hysteresis);
}

MemoryStage MemoryBudget::stage_after(MemoryStage last) const noexcept {
  const std::uint64_t use = used() / (most_ / parts_of_budget + 1);
  std::size_t stage = memory_stage_count - 1;
  while (stage > 0) {
    const bool is_entered = stage > static_cast<std::size_t>(last);
    if (use >= stage_starts[stage] - (is_entered ? 0 : parts_of_hysteresis)) break;
    --stage;
  }
  return static_cast<MemoryStage>(stage);
}

}  // namespace chopin::connection
