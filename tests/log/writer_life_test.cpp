#include <algorithm>
#include <cstddef>
#include <string>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

#include <gtest/gtest.h>

#include "harness/log_collector.hpp"
#include "log/writer.hpp"

namespace chopin::log {
namespace {

using test::LogCollector;

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

}  // namespace
}  // namespace chopin::log
