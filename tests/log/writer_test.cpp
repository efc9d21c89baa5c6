#include "log/writer.hpp"

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <ctime>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "harness/log_collector.hpp"

namespace chopin::log {
namespace {

using namespace std::chrono_literals;
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

}  // namespace
}  // namespace chopin::log
