#include <cstdint>
#include <fcntl.h>
#include <filesystem>
#include <netinet/in.h>
#include <string>
#include <sys/socket.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "harness/eventually.hpp"
#include "harness/raw_client.hpp"
#include "harness/server_process.hpp"

namespace chopin::test {
namespace {

/// A port that was free a moment ago, for a server whose banner cannot be read.
std::uint16_t free_port() {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{
      .sin_family = AF_INET, .sin_port = 0, .sin_addr = {htonl(INADDR_LOOPBACK)}, .sin_zero = {}};
  socklen_t size = sizeof address;
  auto* const any = reinterpret_cast<sockaddr*>(&address);  // NOLINT: the interface of sockets
  EXPECT_EQ(bind(fd, any, size), 0);
  EXPECT_EQ(getsockname(fd, any, &size), 0);
  close(fd);
  return ntohs(address.sin_port);
}

/// Starts a server with such standard streams, lets it serve and stops it.
void expect_to_serve(void (*prepare)()) {
  const std::uint16_t port = free_port();
  ServerProcess server(
      {.arguments = {"--port", std::to_string(port), "--workers", "2"}, .before_exec = prepare});
  ASSERT_TRUE(eventually([&] { return accepts(port); }));
  EXPECT_EQ(ask(port, get_json).status, 200);
  server.signal(SIGTERM);
  EXPECT_EQ(server.wait(), 0);
}

/// stdout becomes a pipe whose reading end is `keeps_reader` or closed.
void replace_stdout(bool keeps_reader) {
  int ends[2];
  if (pipe(ends) != 0) _exit(126);
  if (keeps_reader) {
    const int flags = fcntl(ends[1], F_GETFL);
    fcntl(ends[1], F_SETFL, flags | O_NONBLOCK);
    while (write(ends[1], "full", 4) > 0) {
    }
    fcntl(ends[1], F_SETFL, flags);
    dup2(ends[0], STDIN_FILENO);
  }
  dup2(ends[1], STDOUT_FILENO);
  close(ends[0]);
  close(ends[1]);
}

TEST(StandardStreams, a_stdout_without_a_reader_does_not_keep_the_server_from_serving) {
  expect_to_serve([] { replace_stdout(false); });
}

TEST(StandardStreams, a_full_stdout_does_not_keep_the_server_from_serving_and_stopping) {
  expect_to_serve([] { replace_stdout(true); });
}

TEST(StandardStreams, that_are_closed_at_the_start_are_dev_null) {
  ServerProcess server({.arguments = {"--port", "0"}, .before_exec = [] {
                          close(STDIN_FILENO);
                          close(STDERR_FILENO);
                        }});
  EXPECT_EQ(ask(server.port(), get_json).status, 200);
  for (const int fd : {STDIN_FILENO, STDERR_FILENO}) {
    EXPECT_EQ(
        std::filesystem::read_symlink("/proc/" + std::to_string(server.pid()) + "/fd/" + std::to_string(fd)),
        "/dev/null");
  }
  server.signal(SIGTERM);
  EXPECT_EQ(server.wait(), 0);
  expect_to_serve([] {
    for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) close(fd);
  });
}

}  // namespace
}  // namespace chopin::test
