#include <chrono>
#include <cstddef>
#include <cstdint>
#include <fcntl.h>
#include <fstream>
#include <latch>
#include <sstream>
#include <stdexcept>
#include <string>
#include <sys/resource.h>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>
#include <vector>

#include <gtest/gtest.h>

#include "harness/eventually.hpp"
#include "harness/log_collector.hpp"
#include "harness/temporary_folder.hpp"
#include "log/writer.hpp"

namespace chopin::log {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;
using test::LogCollector;

/// Makes a descriptor the process's stderr while it exists.
class StderrIs {
 public:
  explicit StderrIs(int fd) : before_(dup(STDERR_FILENO)) { dup2(fd, STDERR_FILENO); }
  ~StderrIs() {
    dup2(before_, STDERR_FILENO);
    close(before_);
  }
  StderrIs(const StderrIs&) = delete;
  StderrIs& operator=(const StderrIs&) = delete;

 private:
  int before_;
};

TEST(Log, survives_a_sink_that_throws_and_counts_the_line_as_lost) {
  LogCollector collector;
  Log log;
  {
    OpenLog open(LogLevel::info, LogFormat::text, [&](const LogLine& line) {
      if (line.text == "bad") throw std::runtime_error("no");
      collector.sink()(line);
    });
    log = open.log();
    open.start();
    log.info("bad");
    log.info("good");
  }
  EXPECT_EQ(log.lost(), 1U);
  EXPECT_EQ(collector.count("info good"), 1U);
  EXPECT_EQ(collector.count("warn log lines were lost"), 1U);
}

TEST(Log, ends_within_two_seconds_when_nobody_reads_stderr) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  Log log;
  const std::string line(1000, 'x');
  steady_clock::time_point begin;
  {
    const StderrIs redirected(ends[1]);
    OpenLog open(LogLevel::info);
    log = open.log();
    open.start();
    for (int i = 0; i < 500; ++i) log.info(line);
    begin = steady_clock::now();
  }
  EXPECT_LT(steady_clock::now() - begin, 2s);
  EXPECT_GT(log.lost(), 400U);  // a pipe holds 64 KiB
  close(ends[0]);
  close(ends[1]);
}

TEST(Log, ends_at_once_when_nothing_reads_the_pipe_any_more) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  close(ends[0]);
  Log log;
  const auto begin = steady_clock::now();
  {
    const StderrIs redirected(ends[1]);
    OpenLog open(LogLevel::info);
    log = open.log();
    open.start();
    for (int i = 0; i < 10; ++i) log.info("unheard");
  }
  EXPECT_LT(steady_clock::now() - begin, 900ms);
  EXPECT_EQ(log.lost(), 10U);
  close(ends[1]);
}

TEST(Log, says_how_many_lines_were_lost_once_stderr_is_read_again) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  Log log;
  std::string text;
  {
    const StderrIs redirected(ends[1]);
    OpenLog open(LogLevel::info);
    log = open.log();
    open.start();
    const std::string line(10'000, 'x');
    for (int i = 0; i < 1000; ++i) log.info(line);  // 10 MB, of which 4 MiB and the pipe's 64 KiB have room
    EXPECT_GT(log.lost(), 400U);
    close(ends[1]);
    std::thread reader([&] {
      std::vector<char> bytes(65536);
      for (ssize_t size = 0; (size = read(ends[0], bytes.data(), bytes.size())) > 0;) {
        text.append(bytes.data(), static_cast<std::size_t>(size));
      }
    });
    open.close();
    close(STDERR_FILENO);
    reader.join();
  }
  close(ends[0]);
  const std::string report =
      "warn log lines were lost: stderr was not read fast enough lines=" + std::to_string(log.lost()) + "\n";
  EXPECT_TRUE(text.ends_with(report)) << text.substr(text.size() - 200);
}

TEST(Log, says_why_lines_were_lost_that_stderr_did_not_take) {
  const test::TemporaryFolder folder;
  const std::string path = folder.path() + "/log";
  const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, S_IRUSR | S_IWUSR);
  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  {
    const StderrIs redirected(file);
    OpenLog open(LogLevel::info);
    open.start();
    const rlimit none{.rlim_cur = 0, .rlim_max = before.rlim_max};  // as a disk that is full
    setrlimit(RLIMIT_FSIZE, &none);
    open.log().info("lost");
    EXPECT_TRUE(test::eventually([&] { return open.log().lost() == 1; }));
    setrlimit(RLIMIT_FSIZE, &before);
    open.log().info("written");
  }
  close(file);
  std::stringstream text;
  text << std::ifstream(path).rdbuf();
  EXPECT_NE(text.str().find("info written\n"), std::string::npos) << text.str();
  const char* const report =
      "warn log lines were lost: stderr could not be written lines=1 error=\"File too large\"\n";
  EXPECT_NE(text.str().find(report), std::string::npos) << text.str();
}

TEST(Log, holds_no_more_than_its_bytes_however_long_the_sink_takes) {
  std::latch begun(1);
  std::latch released(1);
  std::size_t bytes = 0;
  Log log;
  constexpr std::size_t lines = 10'000;
  {
    OpenLog open(LogLevel::info, LogFormat::text, [&](const LogLine& line) {
      if (bytes == 0) {
        begun.count_down();
        released.wait();
      }
      bytes += line.text.size();
    });
    log = open.log();
    open.start();
    log.info("first");
    begun.wait();
    const std::string line(10'000, 'x');
    for (std::size_t i = 0; i < lines; ++i) log.info(line);
    EXPECT_GT(log.lost(), lines - LineQueue::most_bytes / line.size());
    const std::uint64_t lost = log.lost();
    log.warn("kept though the queue is full for lesser lines");
    EXPECT_EQ(log.lost(), lost);
    released.count_down();
  }
  EXPECT_LE(bytes, LineQueue::most_bytes);
  EXPECT_GT(bytes, LineQueue::most_bytes / 2);
}

}  // namespace
}  // namespace chopin::log
