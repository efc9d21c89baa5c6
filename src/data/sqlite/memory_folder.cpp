#include "data/sqlite/memory_folder.hpp"

#include <cerrno>
#include <cstdlib>
#include <dirent.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <memory>
#include <string_view>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <system_error>
#include <unistd.h>
#include <utility>

#include <fmt/core.h>

#include "chopin/database_error.hpp"

namespace chopin::data::sqlite {
namespace {

constexpr std::string_view prefix = "chopin-sqlite-";

std::string reason_of(int error) {
  return std::generic_category().message(error);
}

/// Why no database can be there; empty if one can.
std::string fault_of(const MemoryFolder::Candidate& candidate) {
  struct statvfs facts{};
  if (statvfs(candidate.path.c_str(), &facts) != 0) return reason_of(errno);
  if ((facts.f_flag & ST_RDONLY) != 0) return "it is read-only";
  const std::uint64_t free = std::uint64_t{facts.f_bavail} * facts.f_frsize;
  if (free >= candidate.least_free) return {};
  constexpr std::uint64_t mebibyte = std::uint64_t{1024} * 1024;
  return fmt::format("only {} MiB are free, of {} needed", free / mebibyte, candidate.least_free / mebibyte);
}

/// The folder with a lock, if it is this user's and nobody else holds one.
system::Descriptor lock_folder(const std::string& path) {
  system::Descriptor folder(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  struct stat facts{};
  if (!folder.is_open() || fstat(folder.get(), &facts) != 0 || facts.st_uid != geteuid()) return {};
  if (flock(folder.get(), LOCK_EX | LOCK_NB) != 0) return {};
  return folder;
}

struct CloseDirectory {
  void operator()(DIR* directory) const noexcept { closedir(directory); }
};

/// Calls `visit(folder, name)` with the descriptor of a folder and each name in it. Not by std::filesystem:
/// where libstdc++ finds no memory for the next name it ends the process.
template <class Visit>
void for_each_name(const std::string& path, Visit visit) {
  const std::unique_ptr<DIR, CloseDirectory> directory(opendir(path.c_str()));
  if (directory == nullptr) return;
  while (const dirent* const entry = readdir(directory.get())) {
    visit(dirfd(directory.get()), static_cast<const char*>(entry->d_name));
  }
}

/// SQLite makes no folders.
void remove_with_files(const std::string& path) noexcept {
  for_each_name(path, [](int folder, const char* name) noexcept { unlinkat(folder, name, 0); });
  rmdir(path.c_str());
}

/// Folders that their processes no longer hold, because they were killed.
void remove_leftovers(const std::string& parent) {
  for_each_name(parent, [&parent](int /*folder*/, std::string_view name) {
    if (!name.starts_with(prefix)) return;
    const std::string path = fmt::format("{}/{}", parent, name);
    const system::Descriptor lock = lock_folder(path);
    if (lock.is_open()) remove_with_files(path);
  });
}

/// Another process that sweeps may hold or remove the folder before it is locked: then null, to try again.
system::Descriptor lock_new_folder(const std::string& path) {
  system::Descriptor folder = lock_folder(path);
  struct stat facts{};
  if (folder.is_open() && fstat(folder.get(), &facts) == 0 && facts.st_nlink > 0) return folder;
  return {};
}

}  // namespace

std::vector<MemoryFolder::Candidate> MemoryFolder::usual_candidates() {
  constexpr std::uint64_t least = std::uint64_t{64} * 1024 * 1024;  // what Docker gives /dev/shm
  const char* const folder = std::getenv("TMPDIR");
  return {{"/dev/shm", least}, {folder != nullptr && *folder != '\0' ? folder : "/tmp", 0}};
}

MemoryFolder::MemoryFolder(const std::vector<Candidate>& candidates) {
  std::string faults;
  for (const Candidate& candidate : candidates) {
    remove_leftovers(candidate.path);
    std::string fault = fault_of(candidate);
    for (int attempt = 0; fault.empty() && attempt < 8; ++attempt) {
      std::string pattern = fmt::format("{}/{}XXXXXX", candidate.path, prefix);
      if (mkdtemp(pattern.data()) == nullptr) {
        fault = reason_of(errno);
        break;
      }
      lock_ = lock_new_folder(pattern);
      if (!lock_.is_open()) continue;
      path_ = std::move(pattern);
      warning_ = std::move(faults);
      return;
    }
    if (!faults.empty()) faults += "; ";
    faults += fmt::format("{}: {}", candidate.path, fault.empty() ? "the folder cannot be locked" : fault);
  }
  throw DatabaseError("08001", "no place for a database in memory: " + faults);
}

void remove_leftover_folders() noexcept try {
  for (const MemoryFolder::Candidate& candidate : MemoryFolder::usual_candidates()) {
    remove_leftovers(candidate.path);
  }
} catch (const std::exception&) {  // NOLINT(bugprone-empty-catch): the next start tries again
}

bool MemoryFolder::is_in_memory() const noexcept {
  struct statfs facts{};
  if (fstatfs(lock_.get(), &facts) != 0) return false;
  return facts.f_type == TMPFS_MAGIC || facts.f_type == RAMFS_MAGIC;
}

MemoryFolder::~MemoryFolder() {
  if (!path_.empty()) remove_with_files(path_);
}

}  // namespace chopin::data::sqlite
