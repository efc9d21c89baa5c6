#pragma once

#include <cstdint>
#include <string>

namespace chopin::system {

/// How much memory this process may use, in bytes: the machine's, or less if a cgroup grants less, by the
/// smallest memory.max (v2) or memory.limit_in_bytes (v1) from the process's own group up to the root. `root`
/// is prefixed to /proc and /sys.
std::uint64_t memory_limit(const std::string& root = {});

/// The resident memory of the process that belongs to no file, in bytes (/proc/self/statm); 0 if the kernel
/// does not say. Does not allocate; takes some microseconds.
std::uint64_t own_memory() noexcept;

/// Returns memory to the kernel that was freed but that the C library keeps for later. May take milliseconds.
/// Other allocators do it themselves.
void give_back_free_memory() noexcept;

}  // namespace chopin::system
