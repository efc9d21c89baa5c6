#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace chopin::server {

/// The CPUs this thread may run on (its affinity mask), in ascending order.
std::vector<unsigned> allowed_cpus();

/// How many CPUs' worth of time the cgroup grants, rounded up: cpu.max of cgroup v2 or cpu.cfs_quota_us of
/// v1, the smallest from the process's own group to the root. SIZE_MAX where there is no quota. `root` is
/// prefixed to /proc and /sys.
std::size_t cpu_quota(const std::string& root = {});

/// Workers to start when no number is set: one per CPU that may be used.
std::size_t default_worker_count();

/// Binds the calling thread to one CPU. False where the kernel refuses.
bool pin_this_thread(unsigned cpu) noexcept;

}  // namespace chopin::server
