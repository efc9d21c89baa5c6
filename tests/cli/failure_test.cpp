#include "cli/failure.hpp"

#include <array>
#include <map>
#include <string>
#include <sys/stat.h>
#include <vector>

#include <gtest/gtest.h>

#include "harness/temporary_folder.hpp"

namespace chopin::cli {
namespace {

LogFormat format_of(std::vector<const char*> arguments, const Variables& environment = {},
                    const std::map<std::string, std::string>& files = {}) {
  const test::TemporaryFolder folder;
  for (const auto& [name, contents] : files) folder.write(name, contents);
  arguments.insert(arguments.begin(), "chopin");
  return log_format_of(static_cast<int>(arguments.size()), arguments.data(), environment, folder.path());
}

TEST(FailureLine, is_plain_text_or_an_object_like_those_of_the_log) {
  EXPECT_EQ(failure_line(LogFormat::text, "no port"), "chopin: no port");
  const std::string object = failure_line(LogFormat::json, "no \"port\"");
  EXPECT_TRUE(object.starts_with(R"({"time":"20)")) << object;
  EXPECT_TRUE(object.ends_with(R"(Z","level":"critical","message":"no \"port\""})")) << object;
}

TEST(FailureLine, has_the_format_of_the_first_source_that_names_one) {
  EXPECT_EQ(format_of({}), LogFormat::text);
  EXPECT_EQ(format_of({"--log-format", "json"}), LogFormat::json);
  EXPECT_EQ(format_of({"--log-format=json"}, {{"LOG_FORMAT", "text"}}), LogFormat::json);
  EXPECT_EQ(format_of({"--log-format=text"}, {{"LOG_FORMAT", "json"}}), LogFormat::text);
  EXPECT_EQ(format_of({}, {{"LOG_FORMAT", "json"}}), LogFormat::json);
  EXPECT_EQ(format_of({}, {}, {{".env", "LOG_FORMAT=json\n"}}), LogFormat::json);
  EXPECT_EQ(format_of({"--config", "c"}, {}, {{"c", "log-format = json\n"}}), LogFormat::json);
}

TEST(FailureLine, has_that_format_although_other_settings_cannot_be_used) {
  EXPECT_EQ(format_of({"--nonsense", "--log-format", "json", "--port=x"}), LogFormat::json);
  EXPECT_EQ(format_of({"--config", "missing"}, {{"LOG_FORMAT", "json"}}), LogFormat::json);
  EXPECT_EQ(format_of({}, {{"LOG_FORMAT", "json"}, {"SERVER_WORKERS", "x"}}, {{".env", "LOG_FORMAT='"}}),
            LogFormat::json);
}

TEST(FailureLine, is_text_where_the_format_itself_cannot_be_read) {
  EXPECT_EQ(format_of({"--log-format"}), LogFormat::text);
  EXPECT_EQ(format_of({"--log-format", "xml"}, {{"LOG_FORMAT", "json"}}), LogFormat::text);
  EXPECT_EQ(format_of({"--config", "missing"}), LogFormat::text);
}

TEST(FailureLine, does_not_wait_for_a_pipe_that_has_given_its_settings_already) {
  const test::TemporaryFolder folder;
  ASSERT_EQ(mkfifo((folder.path() + "/pipe").c_str(), S_IRUSR | S_IWUSR), 0);
  const std::array arguments{"chopin", "--config", "pipe"};
  EXPECT_EQ(log_format_of(arguments.size(), arguments.data(), {}, folder.path()), LogFormat::text);
}

}  // namespace
}  // namespace chopin::cli
