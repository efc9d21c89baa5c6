#include "log/writer.hpp"

#include <chrono>
#include <cstdint>
#include <fcntl.h>
#include <fstream>
#include <latch>
#include <sstream>
#include <stdexcept>
#include <string>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

#include <gtest/gtest.h>

#include "harness/eventually.hpp"
#include "harness/log_collector.hpp"
#include "harness/temporary_folder.hpp"

namespace chopin::log {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;
using test::LogCollector;

/// What `logging` writes to stderr, read after the log was closed.
template <class Logging>
std::string logged(LogLevel least, LogFormat format, Logging&& logging) {
  testing::internal::CaptureStderr();
  {
    OpenLog open(least, format);
    open.start();
    logging(open.log());
  }
  return testing::internal::GetCapturedStderr();
}

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

TEST(Log, that_belongs_to_nothing_writes_nothing) {
  testing::internal::CaptureStderr();
  const Log log;
  EXPECT_FALSE(log.is_enabled(LogLevel::critical));
  log.error("unheard");
  EXPECT_EQ(log.lost(), 0U);
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

TEST(Log, leaves_out_lines_below_its_level) {
  const std::string text = logged(LogLevel::warn, LogFormat::text, [](const Log& log) {
    EXPECT_FALSE(log.is_enabled(LogLevel::info));
    EXPECT_TRUE(log.is_enabled(LogLevel::warn));
    log.info("left out");
    log.error("kept");
  });
  EXPECT_EQ(text.find("left out"), std::string::npos) << text;
  EXPECT_NE(text.find("error kept\n"), std::string::npos) << text;
}

TEST(Log, that_is_off_writes_nothing) {
  EXPECT_EQ(logged(LogLevel::off, LogFormat::text,
                   [](const Log& log) {
                     EXPECT_FALSE(log.is_enabled(LogLevel::critical));
                     EXPECT_FALSE(log.is_enabled(LogLevel::off));
                     log.write(LogLevel::off, "unheard", {});
                     log.write(LogLevel::critical, "unheard", {});
                   }),
            "");
}

TEST(Log, does_not_read_a_message_as_a_format_string) {
  const std::string text = logged(LogLevel::info, LogFormat::text,
                                  [](const Log& log) { log.info("{} {9} %v", {{"target", "/{}"}}); });
  EXPECT_TRUE(text.ends_with(" info {} {9} %v target=/{}\n")) << text;
}

TEST(Log, writes_fields_in_either_format) {
  const auto log_request = [](const Log& log) {
    log.info("request", {{"method", "GET"}, {"status", 200}, {"bytes", std::uint64_t{27}}});
  };
  const std::string text = logged(LogLevel::info, LogFormat::text, log_request);
  EXPECT_TRUE(text.ends_with("info request method=GET status=200 bytes=27\n")) << text;
  const std::string json = logged(LogLevel::info, LogFormat::json, log_request);
  EXPECT_TRUE(json.starts_with("{\"time\":\"20")) << json;
  EXPECT_TRUE(json.ends_with(R"("level":"info","message":"request","method":"GET","status":200,"bytes":27})"
                             "\n"))
      << json;
}

TEST(Log, gives_the_time_in_utc_whatever_the_time_zone) {
  setenv("TZ", "Asia/Kathmandu", 1);
  tzset();
  const auto now = std::chrono::floor<std::chrono::days>(std::chrono::system_clock::now());
  const std::string text = logged(LogLevel::info, LogFormat::text, [](const Log& log) { log.info("m"); });
  unsetenv("TZ");
  tzset();
  const std::chrono::sys_seconds midnight = now;
  const auto at =
      std::chrono::hours(std::stoi(text.substr(11, 2))) + std::chrono::minutes(std::stoi(text.substr(14, 2)));
  const auto since = std::chrono::system_clock::now() - (midnight + at);
  EXPECT_EQ(text.substr(23, 1), "Z") << text;
  EXPECT_TRUE(since < 5min || since > 23h) << text;
}

TEST(Log, calls_the_level_warn_in_both_formats) {
  const auto warn = [](const Log& log) { log.warn("careful"); };
  EXPECT_NE(logged(LogLevel::info, LogFormat::text, warn).find("Z warn careful\n"), std::string::npos);
  EXPECT_NE(logged(LogLevel::info, LogFormat::json, warn).find(R"("level":"warn")"), std::string::npos);
}

TEST(Log, gives_its_lines_to_a_sink) {
  LogCollector collector;
  const auto before = std::chrono::system_clock::now();
  {
    OpenLog open(LogLevel::info, LogFormat::text, [&](const LogLine& line) {
      EXPECT_GE(line.time, before);
      collector.sink()(line);
    });
    open.start();
    open.log().info("one", {{"n", 1}});
    open.log().warn("two\n");
  }
  EXPECT_EQ(collector.lines(), (std::vector<std::string>{"info one n=1", "warn two\\n"}));
}

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

TEST(Log, keeps_lines_until_it_is_started_and_writes_them_even_if_it_never_is) {
  LogCollector collector;
  {
    OpenLog open(LogLevel::info, LogFormat::text, collector.sink());
    open.log().info("early");
    EXPECT_EQ(collector.lines().size(), 0U);
    open.start();
    open.log().info("late");
  }
  EXPECT_EQ(collector.lines(), (std::vector<std::string>{"info early", "info late"}));
  {
    OpenLog open(LogLevel::info, LogFormat::text, collector.sink());
    open.log().info("never started");
  }
  EXPECT_EQ(collector.count("never started"), 1U);
}

TEST(Log, can_be_started_in_a_child_that_was_forked_before) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  {
    OpenLog open(LogLevel::info);
    open.log().info("before the fork");
    const pid_t child = fork();
    if (child == 0) {
      dup2(ends[1], STDERR_FILENO);
      open.start();
      open.log().info("in the child");
      open.close();
      _exit(0);
    }
    int status = -1;
    EXPECT_EQ(waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
    testing::internal::CaptureStderr();
  }
  testing::internal::GetCapturedStderr();
  close(ends[1]);
  std::string text(1000, ' ');
  text.resize(static_cast<std::size_t>(std::max<ssize_t>(0, read(ends[0], text.data(), text.size()))));
  close(ends[0]);
  EXPECT_NE(text.find("info before the fork\n"), std::string::npos) << text;
  EXPECT_NE(text.find("info in the child\n"), std::string::npos) << text;
}

TEST(Log, may_be_written_into_after_its_end) {
  Log log;
  {
    const OpenLog open(LogLevel::info);
    log = open.log();
  }
  log.info("too late");
  EXPECT_EQ(log.lost(), 1U);
}

TEST(Log, of_which_several_are_open_do_not_mix) {
  LogCollector one;
  LogCollector other;
  OpenLog a(LogLevel::info, LogFormat::text, one.sink());
  a.start();
  {
    OpenLog b(LogLevel::off, LogFormat::json, other.sink());
    b.start();
    a.log().info("for a");
    b.log().info("for b");
  }
  a.log().info("for a again");
  a.close();
  EXPECT_EQ(one.lines(), (std::vector<std::string>{"info for a", "info for a again"}));
  EXPECT_EQ(other.lines().size(), 0U);
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
