#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "system/descriptor.hpp"

namespace chopin::data::sqlite {

/// A folder for a database in memory, for this process and this user alone. The process holds a lock on it,
/// so that a later one can tell which folders a killed process has left.
///
/// Thread safety: none.
/// Lifetime: removes the folder and its files.
/// Throws: DatabaseError 08001 from the constructor.
class MemoryFolder {
 public:
  /// Where the folder may be: the first of them that can be used.
  struct Candidate {
    std::string path;
    std::uint64_t least_free = 0;  ///< in bytes
  };
  /// The memory file system, then TMPDIR or /tmp.
  static std::vector<Candidate> usual_candidates();

  /// Also removes what killed processes have left in the candidates.
  explicit MemoryFolder(const std::vector<Candidate>& candidates);
  ~MemoryFolder();
  MemoryFolder(const MemoryFolder&) = delete;
  MemoryFolder& operator=(const MemoryFolder&) = delete;

  [[nodiscard]] const std::string& path() const noexcept { return path_; }
  /// Why it is not the first candidate; empty if it is.
  [[nodiscard]] const std::string& warning() const noexcept { return warning_; }
  /// Whether its file system is one in memory, which TMPDIR need not be.
  [[nodiscard]] bool is_in_memory() const noexcept;
  /// Leaves the folder to another process: to the parent, in a forked child.
  void abandon() noexcept { path_.clear(); }

 private:
  std::string path_;
  std::string warning_;
  system::Descriptor lock_;
};

/// Removes what killed processes have left in the usual candidates. Fails in silence.
void remove_leftover_folders() noexcept;

}  // namespace chopin::data::sqlite
