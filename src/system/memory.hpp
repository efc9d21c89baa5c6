#pragma once

#include <cstdint>
#include <string>

#include "chopin/config.hpp"

namespace chopin::system {

/// How much memory this process may use, in bytes: the machine's, or less if a cgroup grants less, by the
/// smallest memory.max (v2) or memory.limit_in_bytes (v1) from the process's own group up to the root. `root`
/// is prefixed to /proc and /sys.
std::uint64_t memory_limit(const std::string& root = {});

/// What the process may hold, in bytes: the setting, or three quarters of `memory_limit`. The rest is for the
/// kernel and the program's files.
std::uint64_t max_memory_of(const Config& config);

/// The resident memory of the process that belongs to no file, in bytes (/proc/self/statm), and its
/// FilesInMemory; 0 if the kernel does not say. Does not allocate; takes some microseconds.
std::uint64_t own_memory() noexcept;

/// How large files of this process in a memory file system are, which a cgroup counts as its memory.
///
/// Thread safety: one thread at a time.
/// Throws: nothing.
class FilesInMemory {
 public:
  FilesInMemory() noexcept = default;
  ~FilesInMemory() { set(0); }
  FilesInMemory(const FilesInMemory&) = delete;
  FilesInMemory& operator=(const FilesInMemory&) = delete;

  void set(std::uint64_t bytes) noexcept;

 private:
  std::uint64_t bytes_ = 0;
};

/// Returns memory to the kernel that was freed but that the C library keeps for later. May take milliseconds.
/// Other allocators do it themselves.
void give_back_free_memory() noexcept;

}  // namespace chopin::system
