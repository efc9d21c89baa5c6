#include "server/cpus.hpp"

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <memory>
#include <optional>
#include <pthread.h>
#include <sched.h>
#include <sstream>
#include <string_view>

namespace chopin::server {
namespace {

constexpr std::size_t no_quota = SIZE_MAX;

std::optional<long long> to_number(const std::string& text) {
  std::istringstream in(text);
  long long number = 0;
  if (in >> number) return number;
  return std::nullopt;
}

std::string first_line(const std::string& path) {
  std::string line;
  std::ifstream file(path);
  std::getline(file, line);
  return line;
}

std::size_t whole_cpus(const std::string& quota, const std::string& period) {
  const auto time = to_number(quota);  // "max" in v2 and -1 in v1 mean no quota
  const auto per = to_number(period);
  if (!time || !per || *time <= 0 || *per <= 0) return no_quota;
  return static_cast<std::size_t>((*time + *per - 1) / *per);
}

std::size_t quota_of_group(const std::string& folder) {
  std::istringstream v2(first_line(folder + "/cpu.max"));
  std::string quota;
  std::string period;
  if (v2 >> quota >> period) return whole_cpus(quota, period);
  return whole_cpus(first_line(folder + "/cpu.cfs_quota_us"), first_line(folder + "/cpu.cfs_period_us"));
}

}  // namespace

std::vector<unsigned> allowed_cpus() {
  // Machines with more than CPU_SETSIZE processors need a larger set than the fixed one; the kernel says
  // EINVAL.
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

std::size_t cpu_quota(const std::string& root) {
  std::size_t smallest = no_quota;
  std::ifstream groups(root + "/proc/self/cgroup");
  for (std::string line; std::getline(groups, line);) {  // hierarchy:controllers:path
    const std::size_t first = line.find(':');
    const std::size_t second = line.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos) continue;
    const std::string controllers = "," + line.substr(first + 1, second - first - 1) + ",";
    if (controllers != ",," && controllers.find(",cpu,") == std::string::npos) continue;
    const std::string mount = root + (controllers == ",," ? "/sys/fs/cgroup" : "/sys/fs/cgroup/cpu");
    for (std::string path = line.substr(second + 1);; path.resize(path.rfind('/'))) {
      if (path == "/") path.clear();
      smallest = std::min(smallest, quota_of_group(mount + path));
      if (path.find('/') == std::string::npos) break;
    }
  }
  return smallest;
}

std::size_t default_worker_count() {
  return std::max<std::size_t>(1, std::min(allowed_cpus().size(), cpu_quota()));
}

bool pin_this_thread(unsigned cpu) noexcept {
  const std::size_t size = CPU_ALLOC_SIZE(cpu + 1);
  const std::unique_ptr<cpu_set_t, void (*)(cpu_set_t*)> set(CPU_ALLOC(cpu + 1),
                                                             [](cpu_set_t* mask) { CPU_FREE(mask); });
  CPU_ZERO_S(size, set.get());
  CPU_SET_S(cpu, size, set.get());
  return pthread_setaffinity_np(pthread_self(), size, set.get()) == 0;
}

}  // namespace chopin::server
