#pragma once

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <system_error>
#include <unistd.h>

namespace chopin::test {

/// Created empty, removed with its contents, but not by a forked child that exits. File names are relative to
/// it, with or without a leading slash: it may stand for the root of the file system.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "chopin-test-XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) {
      throw std::system_error(errno, std::generic_category(), "mkdtemp");
    }
    path_ = pattern;
  }
  ~TemporaryFolder() {
    if (getpid() != process_) return;
    std::error_code ec;
    std::filesystem::remove_all(path_, ec);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  void write(const std::string& file, const std::string& text) const {
    const std::filesystem::path target = path_ + "/" + file;
    std::filesystem::create_directories(target.parent_path());
    std::ofstream(target) << text;
  }
  void remove(const std::string& file) const { std::filesystem::remove_all(path_ + "/" + file); }
  [[nodiscard]] const std::string& path() const noexcept { return path_; }

 private:
  std::string path_;
  const pid_t process_ = getpid();
};

}  // namespace chopin::test
