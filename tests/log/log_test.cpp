#include "log/log.hpp"

#include <cstdint>
#include <string>

#include <gtest/gtest.h>

namespace chopin::log {
namespace {

/// What `logging` writes to stderr, read after the log was closed.
template <class Logging>
std::string logged(Level least, LogFormat format, Logging&& logging) {
  testing::internal::CaptureStderr();
  {
    const Log log(least, format);
    logging();
  }
  return testing::internal::GetCapturedStderr();
}

TEST(Log, nothing_is_logged_without_an_open_log) {
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  EXPECT_FALSE(is_enabled(Level::critical));
  write(Level::critical, "unheard");
  error("{}", "unheard");
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
  EXPECT_EQ(testing::internal::GetCapturedStdout(), "");
}

TEST(Log, can_be_closed_and_opened_again) {
  for (int i = 0; i < 2; ++i) {
    const std::string text = logged(Level::info, LogFormat::text, [] { info("line {}", 1); });
    EXPECT_TRUE(text.ends_with(" info line 1\n")) << text;
    EXPECT_FALSE(is_enabled(Level::critical));
    write(Level::critical, "unheard");
  }
}

TEST(Log, leaves_out_lines_below_its_level) {
  const std::string text = logged(Level::warn, LogFormat::text, [] {
    EXPECT_FALSE(is_enabled(Level::info));
    EXPECT_TRUE(is_enabled(Level::warn));
    write(Level::info, "left out");
    write(Level::error, "kept");
  });
  EXPECT_EQ(text.find("left out"), std::string::npos) << text;
  EXPECT_NE(text.find("error kept\n"), std::string::npos) << text;
}

TEST(Log, does_not_read_a_message_as_a_format_string) {
  const std::string text =
      logged(Level::info, LogFormat::text, [] { write(Level::info, "{} {9} %v", {{"target", "/{}"}}); });
  EXPECT_TRUE(text.ends_with(" info {} {9} %v target=/{}\n")) << text;
}

TEST(Log, off_logs_nothing) {
  EXPECT_EQ(logged(Level::off, LogFormat::text,
                   [] {
                     EXPECT_FALSE(is_enabled(Level::critical));
                     EXPECT_FALSE(is_enabled(Level::off));
                     write(Level::off, "unheard");
                     write(Level::critical, "unheard");
                   }),
            "");
}

TEST(Log, writes_fields_in_either_format) {
  const auto log_request = [] {
    write(Level::info, "request", {{"method", "GET"}, {"status", 200}, {"bytes", std::uint64_t{27}}});
  };
  const std::string text = logged(Level::info, LogFormat::text, log_request);
  EXPECT_TRUE(text.ends_with("info request method=GET status=200 bytes=27\n")) << text;
  const std::string json = logged(Level::info, LogFormat::json, log_request);
  EXPECT_TRUE(json.starts_with("{\"time\":\"20")) << json;
  EXPECT_TRUE(json.ends_with(R"("level":"info","message":"request","method":"GET","status":200,"bytes":27})"
                             "\n"))
      << json;
}

}  // namespace
}  // namespace chopin::log
