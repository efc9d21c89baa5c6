#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <sys/types.h>
#include <vector>

namespace chopin::test {

struct ProcessOptions {
  std::vector<std::string> arguments{};
  std::map<std::string, std::string> environment{};  ///< the only variables, besides those of sanitizers
  std::uint64_t descriptor_limit = 0;                ///< soft and hard RLIMIT_NOFILE; 0: inherited
  std::map<std::string, std::string> files{};        ///< name -> contents, in the working directory
  std::function<void()> before_exec{};               ///< called in the child; async-signal-safe
  bool as_process_1 = false;                         ///< of a namespace of its own; see may_be_process_1
};

/// The chopin executable as a child process in its own directory, with stdout and stderr in files, and no
/// other descriptor of the test. Killed when this is destroyed.
class ServerProcess {
 public:
  explicit ServerProcess(const ProcessOptions& options);
  ~ServerProcess();
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;

  /// The port in the banner; waits for it. Throws if the process ends instead.
  std::uint16_t port();
  void signal(int number) const;
  /// Waits for the end. The exit status, or minus the number of the signal that killed it.
  int wait();
  [[nodiscard]] pid_t pid() const noexcept { return pid_; }
  [[nodiscard]] std::string out() const;
  [[nodiscard]] std::string err() const;
  /// User and system time consumed so far, in clock ticks.
  [[nodiscard]] std::uint64_t cpu_ticks() const;

 private:
  std::string folder_;
  pid_t pid_ = -1;
};

/// Whether this machine lets the test start a process in a namespace of its own.
bool may_be_process_1();

/// Runs the executable to its end.
struct ProcessResult {
  int status = 0;
  std::string out;
  std::string err;
};
ProcessResult run_to_end(const ProcessOptions& options);

}  // namespace chopin::test
