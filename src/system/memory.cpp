#include "system/memory.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <charconv>
#include <fcntl.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif
#include <sys/sysinfo.h>
#include <unistd.h>
#include <utility>

#include "system/cgroups.hpp"
#include "system/descriptor.hpp"

namespace chopin::system {
namespace {

/// In bytes, of the process.
std::atomic<std::uint64_t>& files_in_memory() noexcept {
  static constinit std::atomic<std::uint64_t> bytes = 0;
  return bytes;
}

/// Of text that starts with it; UINT64_MAX for "max", which is no limit.
std::uint64_t number_of(const std::string& text) noexcept {
  std::uint64_t number = UINT64_MAX;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

}  // namespace

std::uint64_t memory_limit(const std::string& root) {
  std::uint64_t limit = UINT64_MAX;
  struct sysinfo machine{};
  if (sysinfo(&machine) == 0) limit = std::uint64_t{machine.totalram} * machine.mem_unit;
  for_each_cgroup(root, "memory", [&](const std::string& folder) {
    for (const char* const file : {"/memory.max", "/memory.limit_in_bytes"}) {
      const auto line = first_line_of(root + folder + file);
      if (line) limit = std::min(limit, number_of(*line));
    }
  });
  return limit;
}

std::uint64_t max_memory_of(const Config& config) {
  return config.max_memory > 0 ? config.max_memory : memory_limit() / 4 * 3;
}

void FilesInMemory::set(std::uint64_t bytes) noexcept {
  files_in_memory().fetch_add(bytes - std::exchange(bytes_, bytes), std::memory_order_relaxed);
}

std::uint64_t own_memory() noexcept {
  const Descriptor file(open("/proc/self/statm", O_RDONLY | O_CLOEXEC));
  std::array<char, 128> text{};
  if (!file.is_open() || read(file.get(), text.data(), text.size() - 1) <= 0) return 0;
  const char* at = text.data();
  const char* const end = text.data() + text.size();
  std::array<std::uint64_t, 3> pages{};  // size, resident, shared: those of files and of shared memory
  for (std::uint64_t& number : pages) {
    at = std::from_chars(at, end, number).ptr;
    if (at != end) ++at;  // the space
  }
  const std::uint64_t own = pages[1] > pages[2] ? pages[1] - pages[2] : 0;
  return own * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE)) +
         files_in_memory().load(std::memory_order_relaxed);
}

void give_back_free_memory() noexcept {
#ifdef __GLIBC__
  static_cast<void>(malloc_trim(0));
#endif
}

}  // namespace chopin::system
