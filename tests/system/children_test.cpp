#include <array>
#include <csignal>
#include <cstdio>
#include <fcntl.h>
#include <fstream>
#include <spawn.h>
#include <sstream>
#include <string>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

#include <gtest/gtest.h>

#include "chopin/spawn_scope.hpp"
#include "harness/forked_server.hpp"
#include "harness/live_server.hpp"
#include "harness/raw_client.hpp"
#include "system/cpus.hpp"

namespace chopin::test {
namespace {

/// What a program says of itself that was started in some way.
using Start = std::string (*)(const std::string& command);

std::string read_to_end(int fd) {
  std::string text;
  std::array<char, 4096> part{};
  for (ssize_t size = 0; (size = read(fd, part.data(), part.size())) > 0;) {
    text.append(part.data(), static_cast<std::size_t>(size));
  }
  close(fd);
  return text;
}

std::string with_fork(const std::string& command) {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) return "pipe";
  const pid_t child = fork();
  if (child == 0) {
    dup2(ends[1], STDOUT_FILENO);
    execl("/bin/sh", "sh", "-c", command.c_str(), nullptr);
    _exit(127);
  }
  close(ends[1]);
  std::string text = read_to_end(ends[0]);
  waitpid(child, nullptr, 0);
  return text;
}

std::string with_posix_spawn(const std::string& command) {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) return "pipe";
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  std::vector<std::string> texts{"sh", "-c", command};
  std::vector<char*> arguments{texts[0].data(), texts[1].data(), texts[2].data(), nullptr};
  pid_t child = 0;
  const int error = posix_spawn(&child, "/bin/sh", &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  close(ends[1]);
  std::string text = read_to_end(ends[0]);
  if (error == 0) waitpid(child, nullptr, 0);
  return text;
}

std::string with_popen(const std::string& command) {
  std::FILE* const pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) return "popen";
  std::string text = read_to_end(dup(fileno(pipe)));
  pclose(pipe);
  return text;
}

std::string with_popen_in_a_scope(const std::string& command) {
  const SpawnScope all_cpus;
  return with_popen(command);
}

std::string with_posix_spawn_in_a_scope(const std::string& command) {
  const SpawnScope all_cpus;
  return with_posix_spawn(command);
}

/// GET /?command responds with the command's output.
Router starting(Start start) {
  Router router;
  router.get("/{file}/{name}", [start](const Request& request, chopin::Response& response) {
    response.text(start("grep " + std::string(request.param("name")) + " /proc/self/" +
                        std::string(request.param("file"))));
  });
  return router;
}

Config config() {
  Config config = test_config();
  config.mode = Mode::standard;
  config.pin_cpus = true;
  config.log_level = LogLevel::off;
  return config;
}

/// The lines with this name in a file of /proc/self of a program that a handler of the server starts.
std::string line_in_child(const ForkedServer& server, const std::string& file, const std::string& name) {
  return ask(server.port(), "GET /" + file + "/" + name + " HTTP/1.1\r\nHost: h\r\n\r\n").body;
}

std::string line_here(const std::string& file, const std::string& name) {
  std::ifstream lines("/proc/self/" + file);
  for (std::string line; std::getline(lines, line);) {
    if (line.find(name) != std::string::npos) return line + "\n";
  }
  return {};
}

/// Without the real-time signals, of which glibc's posix_spawn ignores the two that it uses itself. Without
/// SIGINT and SIGTERM, which the server handles even if it was started with them ignored.
unsigned long long standard_signals(const std::string& line) {
  constexpr unsigned long long compared = 0x7FFFFFFFU & ~(1U << (SIGINT - 1)) & ~(1U << (SIGTERM - 1));
  return std::stoull(line.substr(line.find(':') + 1), nullptr, 16) & compared;
}

TEST(ProgramsThatHandlersStart, inherit_the_signals_of_the_server_as_it_was_started) {
  for (const Start start : {with_fork, with_posix_spawn, with_popen}) {
    const ForkedServer server(config(), starting(start), run_until_signalled);
    EXPECT_EQ(line_in_child(server, "status", "SigBlk"), line_here("status", "SigBlk"));
    EXPECT_EQ(standard_signals(line_in_child(server, "status", "SigIgn")),
              standard_signals(line_here("status", "SigIgn")));
  }
}

TEST(ProgramsThatHandlersStart, may_use_all_cpus_though_the_worker_is_pinned) {
  if (system::allowed_cpus().size() < 2) GTEST_SKIP() << "needs two CPUs";
  for (const Start start : {with_fork, with_posix_spawn_in_a_scope, with_popen_in_a_scope}) {
    const ForkedServer server(config(), starting(start), run_until_signalled);
    for (int i = 0; i < 2; ++i) {  // the second time the worker must be pinned again
      EXPECT_EQ(line_in_child(server, "status", "Cpus_allowed_list"),
                line_here("status", "Cpus_allowed_list"));
    }
  }
  const ForkedServer pinned(config(), starting(with_posix_spawn), run_until_signalled);
  EXPECT_NE(line_in_child(pinned, "status", "Cpus_allowed_list"), line_here("status", "Cpus_allowed_list"));
}

/// The soft limit of open files in /proc/PID/limits.
std::string soft_limit(const std::string& line) {
  std::istringstream words(line);
  std::string word;
  for (int i = 0; i < 4; ++i) words >> word;  // Max open files SOFT HARD
  return word;
}

/// A server whose process has a soft limit of 64.
class LowSoftLimit : public testing::Test {
 protected:
  void SetUp() override {
    getrlimit(RLIMIT_NOFILE, &before_);
    const rlimit low{.rlim_cur = 64, .rlim_max = before_.rlim_max};
    ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &low), 0);
  }
  void TearDown() override { setrlimit(RLIMIT_NOFILE, &before_); }

  /// For the test itself, which has the other ends of the connections.
  void raise_again() const { setrlimit(RLIMIT_NOFILE, &before_); }

  rlimit before_{};
};

TEST_F(LowSoftLimit, of_open_files_is_raised_only_as_connections_need_it) {
  const ForkedServer server(config(), starting(with_posix_spawn), run_until_signalled);
  raise_again();
  EXPECT_EQ(soft_limit(line_in_child(server, "limits", "files")), "64");
  std::vector<RawClient> clients;
  for (int i = 0; i < 300; ++i) clients.emplace_back(server.port());
  clients.back().send("GET /limits/files HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(soft_limit(clients.back().read_response().body), "512");
}

TEST_F(LowSoftLimit, of_open_files_reaches_forked_programs_though_connections_need_more) {
  const ForkedServer server(config(), starting(with_fork), run_until_signalled);
  raise_again();
  std::vector<RawClient> clients;
  for (int i = 0; i < 100; ++i) clients.emplace_back(server.port());
  clients.back().send("GET /limits/files HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(soft_limit(clients.back().read_response().body), "64");
}

}  // namespace
}  // namespace chopin::test
