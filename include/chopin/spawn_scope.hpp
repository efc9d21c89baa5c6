#pragma once

namespace chopin {

/// While it exists, its thread may use every CPU that the process may. For handlers that start programs in a
/// server that pins its workers to CPUs: a program inherits the CPUs of the thread that starts it.
///
///     const chopin::SpawnScope all_cpus;
///     std::FILE* const pipe = popen("gzip -c data", "r");
///
/// Needed for posix_spawn, popen, system and vfork. After fork the library does the same by itself.
///
/// Thread safety: for the thread that constructs it.
/// Lifetime: within one call of a handler.
/// Throws: nothing.
class SpawnScope {
 public:
  SpawnScope() noexcept;
  ~SpawnScope();
  SpawnScope(const SpawnScope&) = delete;
  SpawnScope& operator=(const SpawnScope&) = delete;

 private:
  bool was_pinned_;
};

}  // namespace chopin
