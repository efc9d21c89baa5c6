#pragma once

#include <cstddef>
#include <sys/resource.h>
#include <unistd.h>

namespace chopin::test {

/// The limit of open files that leaves so many more to be opened.
class OpenFilesLeft {
 public:
  explicit OpenFilesLeft(std::size_t files) {
    getrlimit(RLIMIT_NOFILE, &before_);
    const int next = dup(0);
    close(next);
    const rlimit lower{.rlim_cur = static_cast<rlim_t>(next) + files, .rlim_max = before_.rlim_max};
    setrlimit(RLIMIT_NOFILE, &lower);
  }
  ~OpenFilesLeft() { setrlimit(RLIMIT_NOFILE, &before_); }
  OpenFilesLeft(const OpenFilesLeft&) = delete;
  OpenFilesLeft& operator=(const OpenFilesLeft&) = delete;

 private:
  rlimit before_{};
};

}  // namespace chopin::test
