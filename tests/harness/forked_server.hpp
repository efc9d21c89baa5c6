#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <sys/types.h>

#include "chopin/server.hpp"

namespace chopin::test {

/// A server with routes of the test's own, in a child process with its stderr in a file, for what concerns a
/// whole process: signals, its end, the programs that handlers start. Killed when this is destroyed.
class ForkedServer {
 public:
  /// `serve` runs the server, calls the function it is given once clients may connect, and returns the exit
  /// status. No other thread may run while this is constructed.
  using Serve = std::function<int(Server& server, const std::function<void()>& on_ready)>;
  ForkedServer(const Config& config, Router router, const Serve& serve);
  ~ForkedServer();
  ForkedServer(const ForkedServer&) = delete;
  ForkedServer& operator=(const ForkedServer&) = delete;

  [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
  void signal(int number) const;
  /// Waits for the end. The exit status, or minus the number of the signal that killed it.
  int wait();
  /// What it has written to stderr.
  [[nodiscard]] std::string err() const;
  /// Waits until it has written this.
  [[nodiscard]] bool writes(const std::string& text) const;

 private:
  std::string err_path_;
  pid_t pid_ = -1;
  std::uint16_t port_ = 0;
};

/// Runs the server until signals have stopped it, as a program would.
int run_until_signalled(Server& server, const std::function<void()>& on_ready);

}  // namespace chopin::test
