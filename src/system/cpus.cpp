#include "system/cpus.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <optional>
#include <sched.h>
#include <sstream>
#include <string_view>

#include "system/cgroups.hpp"

namespace chopin::system {
namespace {

std::optional<long long> to_number(const std::string& text) {
  std::istringstream in(text);
  long long number = 0;
  if (in >> number) return number;
  return std::nullopt;
}

/// The quota in one cgroup's file, as text.
struct Grant {
  std::string file;
  std::string time;
  std::string period;
};

std::optional<Grant> grant_of_group(const std::string& root, const std::string& group) {
  if (const auto line = first_line_of(root + group + "/cpu.max")) {
    Grant grant{group + "/cpu.max", {}, {}};
    std::istringstream(*line) >> grant.time >> grant.period;
    return grant;
  }
  const auto time = first_line_of(root + group + "/cpu.cfs_quota_us");
  if (!time) return std::nullopt;
  return Grant{group + "/cpu.cfs_quota_us", *time,
               first_line_of(root + group + "/cpu.cfs_period_us").value_or("")};
}

void tighten(CpuQuota& quota, const Grant& grant) {
  if (grant.time == "max" || grant.time == "-1") return;  // no quota, in v2 and in v1
  const auto time = to_number(grant.time);
  const auto period = to_number(grant.period);
  if (!time || !period || *time <= 0 || *period <= 0) {
    quota.malformed = grant.file;
    return;
  }
  const double cpus = static_cast<double>(*time) / static_cast<double>(*period);
  if (quota.cpus && *quota.cpus <= cpus) return;
  quota.cpus = cpus;
  quota.file = grant.file;
}

/// With room for 8192 CPUs, the most that Linux supports.
using CpuMask = std::array<cpu_set_t, 8>;

/// What the calling thread was pinned to, and could use before.
struct Pinning {
  bool is_pinned = false;
  unsigned cpu = 0;
  CpuMask before{};
};
constinit thread_local Pinning pinning;  // NOLINT(*-avoid-non-const-global-variables)

}  // namespace

std::vector<unsigned> allowed_cpus() {
  // With more than CPU_SETSIZE processors the fixed set is too small and the kernel returns EINVAL.
  for (int count = CPU_SETSIZE;; count *= 2) {
    const std::unique_ptr<cpu_set_t, void (*)(cpu_set_t*)> set(CPU_ALLOC(count),
                                                               [](cpu_set_t* mask) { CPU_FREE(mask); });
    const std::size_t size = CPU_ALLOC_SIZE(count);
    if (sched_getaffinity(0, size, set.get()) != 0) {
      if (count > (1 << 20)) return {0};
      continue;
    }
    std::vector<unsigned> cpus;
    for (int cpu = 0; cpu < count; ++cpu) {
      if (CPU_ISSET_S(cpu, size, set.get())) cpus.push_back(static_cast<unsigned>(cpu));
    }
    return cpus;
  }
}

CpuQuota cpu_quota(const std::string& root) {
  CpuQuota quota;
  for_each_cgroup(root, "cpu", [&](const std::string& group) {
    if (const auto grant = grant_of_group(root, group)) tighten(quota, *grant);
  });
  return quota;
}

std::size_t worker_count_of(const Config& config) {
  if (config.workers > 0) return config.workers;
  const std::size_t allowed = allowed_cpus().size();
  const double granted = std::ceil(cpu_quota().cpus.value_or(static_cast<double>(allowed)));
  return granted < static_cast<double>(allowed) ? static_cast<std::size_t>(granted) : allowed;
}

std::vector<unsigned> cpus_of_workers(const Config& config, std::size_t workers,
                                      const std::vector<unsigned>& allowed, const CpuQuota& quota) {
  const bool has_machine_to_itself = workers == allowed.size() && !quota.cpus;
  if (!config.pin_cpus.value_or(config.mode == Mode::performance && has_machine_to_itself)) return {};
  std::vector<unsigned> cpus;
  cpus.reserve(workers);
  for (std::size_t i = 0; i < workers; ++i) cpus.push_back(allowed[i % allowed.size()]);
  return cpus;
}

bool pin_this_thread(unsigned cpu) noexcept {
  const std::size_t size = CPU_ALLOC_SIZE(cpu + 1);
  const std::unique_ptr<cpu_set_t, void (*)(cpu_set_t*)> set(CPU_ALLOC(cpu + 1),
                                                             [](cpu_set_t* mask) { CPU_FREE(mask); });
  CPU_ZERO_S(size, set.get());
  CPU_SET_S(cpu, size, set.get());
  CpuMask before{};
  const bool knows_before = sched_getaffinity(0, sizeof before, before.data()) == 0;
  if (sched_setaffinity(0, size, set.get()) != 0) return false;
  if (!pinning.is_pinned && knows_before) pinning.before = before;
  pinning.cpu = cpu;
  pinning.is_pinned = knows_before;
  return true;
}

bool unpin_this_thread() noexcept {
  if (!pinning.is_pinned) return false;
  pinning.is_pinned = false;
  return sched_setaffinity(0, sizeof pinning.before, pinning.before.data()) == 0;
}

void pin_this_thread_again() noexcept {
  pin_this_thread(pinning.cpu);
}

}  // namespace chopin::system
