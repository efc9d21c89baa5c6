#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <fcntl.h>
#include <fstream>
#include <sched.h>
#include <string>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "harness/raw_client.hpp"
#include "harness/server_process.hpp"
#include "wire/process_options.hpp"

namespace chopin::test {
namespace {

using namespace std::chrono_literals;

constexpr int not_permitted = 77;

/// Where the kernel takes as many as by default, there is nothing to say either.
TEST(Process, notes_that_the_kernel_cuts_the_backlog_and_warns_only_where_it_was_set) {
  constexpr const char* line = "the kernel cuts the backlog";
  unsigned most = 0;
  std::ifstream("/proc/sys/net/core/somaxconn") >> most;
  for (const auto& [backlog, level] : {std::pair{8192U, "info"}, std::pair{65535U, "warn"}}) {
    ProcessOptions options = with_arguments({"--workers", "1"});
    if (backlog != 8192)
      options.arguments.insert(options.arguments.end(), {"--backlog", std::to_string(backlog)});
    ServerProcess server(options);
    ask(server.port(), get_json);
    server.signal(SIGTERM);
    EXPECT_EQ(server.wait(), 0);
    const std::string log = server.err();
    const std::size_t found = log.find(line);
    EXPECT_EQ(found != std::string::npos, most < backlog) << log;
    if (found == std::string::npos) continue;
    const std::string line_so_far = log.substr(0, found).substr(log.rfind('\n', found) + 1);
    EXPECT_NE(line_so_far.find(level), std::string::npos) << log;
  }
}

TEST(Process, names_the_limit_of_open_files_that_is_too_low_for_its_start) {
  for (const std::uint64_t limit : {6U, 9U}) {
    ProcessOptions options = with_arguments({"--workers", "2"});
    options.descriptor_limit = limit;
    const ProcessResult result = run_to_end(options);
    EXPECT_EQ(result.status, 1);
    EXPECT_NE(result.err.find("the limit is " + std::to_string(limit)), std::string::npos) << result.err;
  }
}

/// In a network of its own, whose loopback interface is down: 127.0.0.1 can be listened on, ::1 cannot.
void without_ipv6() {
  if (unshare(CLONE_NEWNET) != 0 && unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0) _exit(not_permitted);
}

TEST(Process, listens_on_the_other_loopback_address_where_ipv6_is_missing_and_notes_it) {
  ProcessOptions options = with_arguments({"--workers", "1", "--host", "localhost"});
  options.before_exec = without_ipv6;
  options.arguments.emplace_back("--help");
  if (run_to_end(options).status == not_permitted) GTEST_SKIP() << "networks are not permitted here";
  options.arguments.pop_back();
  ServerProcess server(options);
  EXPECT_NE(server.port(), 0);
  server.signal(SIGTERM);
  EXPECT_EQ(server.wait(), 0);
  EXPECT_NE(server.err().find(" info not listening on an address address=[::1]:"), std::string::npos)
      << server.err();
}

void to_a_full_device() {
  dup2(open("/dev/full", O_WRONLY), STDOUT_FILENO);
}

void without_stdout() {
  close(STDOUT_FILENO);
}

TEST(Process, fails_if_what_was_asked_for_cannot_be_printed) {
  for (const std::string argument : {"--version", "--help", "doctor"}) {
    const ProcessResult result = run_to_end({.arguments = {argument}, .before_exec = to_a_full_device});
    EXPECT_EQ(result.status, 1) << argument;
    EXPECT_EQ(result.err, "chopin: stdout: No space left on device\n") << argument;
    const ProcessResult closed = run_to_end({.arguments = {argument}, .before_exec = without_stdout});
    EXPECT_EQ(closed.status, 1) << argument;
    EXPECT_EQ(closed.err, "chopin: stdout: Bad file descriptor\n") << argument;
  }
}

TEST(Process, ends_with_1_when_another_server_has_the_port_unless_both_share_it) {
  ServerProcess first(with_arguments({}));
  const std::string port = std::to_string(first.port());
  const ProcessResult second = run_to_end(with_arguments({"--port", port}));
  EXPECT_EQ(second.status, 1);
  EXPECT_EQ(second.err, "chopin: cannot listen on 127.0.0.1:" + port + ": address already in use\n");
  ServerProcess sharing(with_arguments({"--port", port, "--share-port"}));
  EXPECT_EQ(std::to_string(sharing.port()), port);
}

TEST(Process, out_of_descriptors_it_pauses_without_spinning_and_resumes) {
  ProcessOptions options =
      with_arguments({"--workers", "1", "--log-level", "warn", "--max-connections", "100"});
  options.descriptor_limit = 40;
  ServerProcess server(options);
  const std::uint16_t port = server.port();
  std::vector<RawClient> clients;
  for (int i = 0; i < 60; ++i) {
    clients.emplace_back(port);
    clients.back().send(get_json);
  }
  EXPECT_EQ(clients.front().read_response().status, 200);
  while (server.err().find("accepting pauses") == std::string::npos) std::this_thread::sleep_for(5ms);
  const std::uint64_t before = server.cpu_ticks();
  EXPECT_TRUE(clients.back().is_silent_for(1500ms));
  EXPECT_LE(server.cpu_ticks() - before, 30U);  // a spinning thread would use 150
  clients.front().reset();                      // room for the others, which are served one after the other
  for (std::size_t i = 1; i < clients.size(); ++i) {
    EXPECT_EQ(clients[i].read_response().status, 200);
    clients[i].reset();
  }
}

}  // namespace
}  // namespace chopin::test
