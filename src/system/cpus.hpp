#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "chopin/config.hpp"

namespace chopin::system {

/// The CPUs this thread may run on (its affinity mask), in ascending order.
std::vector<unsigned> allowed_cpus();

/// The CPU time that cgroups grant: cpu.max of v2 or cpu.cfs_quota_us of v1, the smallest from the process's
/// own group to the root.
struct CpuQuota {
  std::optional<double> cpus;  ///< how many CPUs' worth of time; nothing where there is no quota
  std::string file;            ///< which sets it
  std::string malformed;       ///< a file on the way that cannot be understood: the quota may be smaller
};
/// `root` is prefixed to /proc and /sys.
CpuQuota cpu_quota(const std::string& root = {});

/// Workers to start: as many as are set, or one per CPU that may be used.
std::size_t worker_count_of(const Config& config);

/// Binds the calling thread to one CPU. False where the kernel refuses.
bool pin_this_thread(unsigned cpu) noexcept;

}  // namespace chopin::system
