#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "chopin/config.hpp"

namespace chopin::system {

/// The CPUs this thread may run on (its affinity mask), in ascending order.
std::vector<unsigned> allowed_cpus();

/// The CPU time that cgroups grant: the smallest cpu.max (v2) or cpu.cfs_quota_us (v1) from the process's own
/// group up to the root.
struct CpuQuota {
  std::optional<double> cpus;  ///< in CPUs; nullopt if there is no quota
  std::string file;            ///< the file that sets it
  std::string malformed;       ///< a file that cannot be parsed: the real quota may be smaller
};
/// `root` is prefixed to /proc and /sys.
CpuQuota cpu_quota(const std::string& root = {});

/// The number of workers to start: the setting, or one for each CPU that may be used, within the quota.
std::size_t worker_count_of(const Config& config);

/// The CPU of each worker; empty if the workers are not pinned. Unless the setting decides, they are pinned
/// in performance mode if there is one worker for each allowed CPU and no quota. Otherwise another server on
/// the machine would be pinned to the same CPUs, while the rest are idle. `allowed` must not be empty.
std::vector<unsigned> cpus_of_workers(const Config& config, std::size_t workers,
                                      const std::vector<unsigned>& allowed, const CpuQuota& quota);

/// Binds the calling thread to one CPU. False if the kernel refuses.
bool pin_this_thread(unsigned cpu) noexcept;
/// The calling thread may use the CPUs again that it could use before it was pinned. False if it is not
/// pinned. Async-signal-safe.
bool unpin_this_thread() noexcept;
/// To the CPU that it was pinned to last.
void pin_this_thread_again() noexcept;

}  // namespace chopin::system
