#include "log/stderr_output.hpp"

#include <chrono>
#include <cstdlib>
#include <fcntl.h>
#include <string>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>
#include <vector>

#include <climits>
#include <gtest/gtest.h>

namespace chopin::log {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

QueuedLine line(std::string text, LogLevel level = LogLevel::info) {
  return {.level = level,
          .time = std::chrono::sys_days{std::chrono::year{2026} / 11 / 21},
          .text = std::move(text)};
}

/// Two connected descriptors: what is written to one is read from the other.
struct Ends {
  system::Descriptor reading;
  system::Descriptor writing;

  [[nodiscard]] std::string read_some() const {
    std::string text(1 << 20, ' ');
    const ssize_t size = read(reading.get(), text.data(), text.size());
    text.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
    return text;
  }
};

Ends make_pipe() {
  int fds[2];
  EXPECT_EQ(pipe(fds), 0);
  return {system::Descriptor(fds[0]), system::Descriptor(fds[1])};
}

Ends make_socket_pair() {
  int fds[2];
  EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
  return {system::Descriptor(fds[0]), system::Descriptor(fds[1])};
}

Ends make_terminal() {
  system::Descriptor master(posix_openpt(O_RDWR | O_NOCTTY));
  EXPECT_EQ(grantpt(master.get()), 0);
  EXPECT_EQ(unlockpt(master.get()), 0);
  system::Descriptor slave(open(ptsname(master.get()), O_RDWR | O_NOCTTY));
  return {std::move(master), std::move(slave)};
}

TEST(StderrOutput, writes_time_and_level_before_a_text_and_nothing_before_an_object) {
  const Ends ends = make_pipe();
  const std::vector<QueuedLine> lines{line("m a=1"), line("n", LogLevel::warn)};
  EXPECT_EQ(StderrOutput(LogFormat::text, ends.writing.get()).write(lines), 0U);
  EXPECT_EQ(ends.read_some(), "2026-11-21T00:00:00.000Z info m a=1\n2026-11-21T00:00:00.000Z warn n\n");
  EXPECT_EQ(StderrOutput(LogFormat::json, ends.writing.get()).write(lines), 0U);
  EXPECT_EQ(ends.read_some(), "m a=1\nn\n");
}

TEST(StderrOutput, stops_waiting_for_a_reader_when_its_time_is_over) {
  for (const auto& make : {make_pipe, make_socket_pair, make_terminal}) {
    const Ends ends = make();
    StderrOutput output(LogFormat::json, ends.writing.get());
    const std::vector<QueuedLine> lines(1000, line(std::string(1000, 'x')));
    std::size_t failed = 0;
    std::thread writer([&] { failed = output.write(lines); });
    const auto begin = steady_clock::now();
    output.end_at(begin);
    writer.join();
    EXPECT_LT(steady_clock::now() - begin, 1s);
    EXPECT_GT(failed, 0U);
    EXPECT_LT(failed, lines.size());
    EXPECT_EQ(fcntl(ends.writing.get(), F_GETFL) & O_NONBLOCK, 0) << "other processes may have it too";
  }
}

TEST(StderrOutput, begins_a_new_line_after_one_of_which_it_wrote_only_a_part) {
  const Ends ends = make_pipe();
  StderrOutput output(LogFormat::json, ends.writing.get());
  output.end_at(steady_clock::now());
  const std::vector<QueuedLine> large{line(std::string(100'000, 'x'))};
  EXPECT_EQ(output.write(large), 1U);
  const std::string part = ends.read_some();
  EXPECT_EQ(part, std::string(part.size(), 'x'));
  const std::vector<QueuedLine> next{line("next")};
  EXPECT_EQ(output.write(next), 0U);
  EXPECT_EQ(ends.read_some(), "\nnext\n");
}

TEST(StderrOutput, writes_whole_lines_at_once_as_far_as_a_pipe_takes_them) {
  int fds[2];
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, fds), 0);  // each read returns what one write has written
  const Ends ends{system::Descriptor(fds[0]), system::Descriptor(fds[1])};
  const std::vector<QueuedLine> lines(20, line(std::string(500, 'x')));
  EXPECT_EQ(StderrOutput(LogFormat::json, ends.writing.get()).write(lines), 0U);
  std::size_t count = 0;
  while (count < lines.size()) {
    const std::string written = ends.read_some();
    ASSERT_TRUE(written.ends_with("x\n"));
    EXPECT_LE(written.size(), std::size_t{PIPE_BUF});
    count += written.size() / 501;
  }
}

std::string colours_with(const char* no_color) {
  if (no_color == nullptr)
    unsetenv("NO_COLOR");
  else
    setenv("NO_COLOR", no_color, 1);
  const Ends terminal = make_terminal();
  const std::vector<QueuedLine> lines{line("m", LogLevel::warn)};
  EXPECT_EQ(StderrOutput(LogFormat::text, terminal.writing.get()).write(lines), 0U);
  return terminal.read_some();
}

TEST(StderrOutput, colours_the_level_on_a_terminal_unless_no_color_is_set_and_not_empty) {
  setenv("TERM", "xterm", 1);
  EXPECT_EQ(colours_with(nullptr), "2026-11-21T00:00:00.000Z \x1b[33m\x1b[1mwarn\x1b[m m\r\n");
  EXPECT_NE(colours_with("").find('\x1b'), std::string::npos);
  EXPECT_EQ(colours_with("1"), "2026-11-21T00:00:00.000Z warn m\r\n");
  unsetenv("NO_COLOR");
}

}  // namespace
}  // namespace chopin::log
