#include "data/sqlite/memory_folder.hpp"

#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <linux/magic.h>
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

void remove_with_files(const std::string& path) noexcept {
  std::error_code ignored;
  std::filesystem::remove_all(path, ignored);
}

/// A folder that its process no longer holds, because it was killed.
void remove_leftovers(const std::string& parent) {
  std::error_code error;
  for (std::filesystem::directory_iterator entry(parent, error), end; !error && entry != end;
       entry.increment(error)) {
    if (!entry->path().filename().string().starts_with(prefix)) continue;
    const system::Descriptor lock = lock_folder(entry->path().string());
    if (lock.is_open()) remove_with_files(entry->path().string());
  }
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
