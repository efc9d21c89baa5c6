#pragma once

namespace chopin::system {

/// From now on a child that fork creates may use the CPUs that its thread could use before it was pinned, and
/// has the soft limit of open files that the process had at first. The C library does not tell of children
/// by posix_spawn, popen, system and vfork: for these there is chopin::SpawnScope.
void restore_children_after_fork() noexcept;

}  // namespace chopin::system
