#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "cli/reading.hpp"
#include "cli/settings.hpp"

namespace chopin::cli {
namespace {

TEST(Settings, accept_choices_in_any_case) {
  for (const char* name : {"performance", "perf", "fast", "Performance", "PERF"}) {
    EXPECT_EQ(settings({.flags = {"--mode", name}}).mode, Mode::performance) << name;
  }
  for (const char* yes : {"true", "1", "yes", "on", "TRUE"}) {
    EXPECT_EQ(settings({.flags = {"--reuseport", yes}}).mode, Mode::performance) << yes;
  }
  EXPECT_EQ(settings({.flags = {"--mode", "Standard"}}).mode, Mode::standard);
  EXPECT_EQ(settings({.flags = {"--fast-routes", "COMPOSED"}}).fast_routes, ResponseClass::composed);
  EXPECT_EQ(settings({.flags = {"--environment", "Test"}}).environment, Environment::test);
  EXPECT_EQ(settings({.flags = {"--log-level", "WARN"}}).log_level, LogLevel::warn);
  EXPECT_EQ(settings({.flags = {"--log-format", "JSON"}}).log_format, LogFormat::json);
}

TEST(Settings, have_synonyms_that_other_programs_use) {
  EXPECT_EQ(settings({.environment = {{"LOG_LEVEL", "warning"}}}).log_level, LogLevel::warn);
  EXPECT_EQ(settings({.environment = {{"LOG_LEVEL", "ERR"}}}).log_level, LogLevel::error);
  EXPECT_EQ(settings({.environment = {{"LOG_LEVEL", "Fatal"}}}).log_level, LogLevel::critical);
  EXPECT_EQ(settings({.environment = {{"ENVIRONMENT", "prod"}}}).environment, Environment::production);
  EXPECT_EQ(settings({.environment = {{"ENVIRONMENT", "Dev"}}}).environment, Environment::development);
}

TEST(Settings, report_a_wrong_value_with_its_place_and_what_is_accepted) {
  EXPECT_EQ(error_of({.flags = {"--port", "65536"}}), "--port: '65536' is not accepted; give 0..65535");
  EXPECT_EQ(error_of({.environment = {{"SERVER_PORT", "x"}}}),
            "SERVER_PORT: 'x' is not accepted; give 0..65535");
  EXPECT_EQ(error_of({.dotenv = "SERVER_PORT=x"}), "SERVER_PORT in .env: 'x' is not accepted; give 0..65535");
  EXPECT_EQ(error_of({.config_file = "port = x"}), "port in chopin.conf: 'x' is not accepted; give 0..65535");
  EXPECT_EQ(error_of({.flags = {"--host", "example.com"}}),
            "--host: 'example.com' is not accepted; give an IPv4 or IPv6 literal, or localhost");
  EXPECT_EQ(error_of({.environment = {{"REUSEPORT", "2"}}}),
            "REUSEPORT: '2' is not accepted; give true 1 yes on, or false 0 no off");
  EXPECT_EQ(error_of({.flags = {"--idle-timeout", "0s"}}),
            "--idle-timeout: '0s' is not accepted; give 1ms..24h, as 500ms, 10s, 2m or 1h");
  EXPECT_EQ(error_of({.environment = {{"SERVER_PORT", "1\n\x1b[2J"}}}),
            "SERVER_PORT: '1??[2J' is not accepted; give 0..65535");
}

TEST(Settings, enforce_the_ends_of_their_range) {
  const std::vector<std::pair<std::string, std::pair<std::string, std::string>>> ranges{
      {"--port", {"0", "65535"}},
      {"--workers", {"1", "1024"}},
      {"--backlog", {"1", "65535"}},
      {"--max-connections", {"1", "4294967295"}},
      {"--max-memory", {"16MiB", "1048576GiB"}},
      {"--max-buf-size", {"1024", "1048576"}},
      {"--max-headers", {"1", "1000"}},
      {"--max-body-size", {"0", "1GiB"}},
      {"--header-timeout", {"1ms", "24h"}},
      {"--drain-timeout", {"1ms", "24h"}},
      {"--database-connections", {"1", "10000"}},
      {"--database-pipeline", {"1", "64"}},
      {"--jwt-expiry", {"1s", "720h"}}};
  for (const auto& [flag, range] : ranges) {
    EXPECT_EQ(error_of({.flags = {flag, range.first}}), "");
    EXPECT_EQ(error_of({.flags = {flag, range.second}}), "");
  }
  const std::vector<std::pair<std::string, std::string>> beyond{{"--port", "65536"},
                                                                {"--workers", "0"},
                                                                {"--workers", "1025"},
                                                                {"--backlog", "0"},
                                                                {"--backlog", "65536"},
                                                                {"--max-connections", "0"},
                                                                {"--max-connections", "4294967296"},
                                                                {"--max-memory", "16777215"},
                                                                {"--when-full", "hang"},
                                                                {"--max-buf-size", "1023"},
                                                                {"--max-buf-size", "1048577"},
                                                                {"--max-headers", "0"},
                                                                {"--max-headers", "1001"},
                                                                {"--max-body-size", "1073741825"},
                                                                {"--header-timeout", "0ms"},
                                                                {"--drain-timeout", "86400001ms"},
                                                                {"--mode", "turbo"},
                                                                {"--fast-routes", "none"},
                                                                {"--environment", "staging"},
                                                                {"--log-level", "loud"},
                                                                {"--log-format", "xml"},
                                                                {"--pin-cpus", "maybe"},
                                                                {"--database-connections", "0"},
                                                                {"--database-connections", "10001"},
                                                                {"--database-pipeline", "0"},
                                                                {"--database-pipeline", "65"},
                                                                {"--database-acquire-timeout", "0s"},
                                                                {"--database-statement-timeout", "25h"},
                                                                {"--database-migrate", "perhaps"},
                                                                {"--jwt-expiry", "999ms"},
                                                                {"--jwt-expiry", "721h"},
                                                                {"--jwt-expiry", "3600"}};
  for (const auto& [flag, value] : beyond) {
    const std::string start = flag + ": '" + value + "' is not accepted; give ";
    EXPECT_TRUE(error_of({.flags = {flag, value}}).starts_with(start)) << start;
  }
}

TEST(Settings, refuse_standard_mode_with_reuseport_and_name_the_place_of_both) {
  const std::string reason = ": standard mode has one listening socket";
  EXPECT_EQ(error_of({.flags = {"--mode", "standard"}, .environment = {{"REUSEPORT", "true"}}}),
            "--mode=standard contradicts REUSEPORT=true" + reason);
  EXPECT_EQ(error_of({.dotenv = "REUSEPORT=yes", .config_file = "mode = Standard"}),
            "mode=Standard in chopin.conf contradicts REUSEPORT=yes in .env" + reason);
}

TEST(Settings, refuse_standard_mode_with_prebuilt_responses_and_name_the_place_of_both) {
  const std::string reason = ": standard mode composes every response";
  EXPECT_EQ(error_of({.environment = {{"SERVER_MODE", "standard"}}, .dotenv = "FAST_ROUTES=prebuilt"}),
            "SERVER_MODE=standard contradicts FAST_ROUTES=prebuilt in .env" + reason);
  EXPECT_EQ(error_of({.flags = {"--fast-routes", "prebuilt"}}),
            "SERVER_MODE=standard (the default) contradicts --fast-routes=prebuilt" + reason);
}

TEST(Settings, contradict_each_other_only_if_both_are_in_force) {
  EXPECT_EQ(settings({.environment = {{"REUSEPORT", "true"}}}).mode, Mode::performance);
  EXPECT_EQ(settings({.flags = {"--mode", "fast", "--reuseport", "false"}}).mode, Mode::performance);
  EXPECT_EQ(settings({.flags = {"--reuseport", "no"}, .dotenv = "REUSEPORT=true\nSERVER_MODE=standard"}).mode,
            Mode::standard);
  EXPECT_EQ(settings({.flags = {"--fast-routes", "prebuilt", "--reuseport"}}).response_class(),
            ResponseClass::prebuilt);
  EXPECT_EQ(settings({.flags = {"--fast-routes", "composed", "--reuseport"}}).response_class(),
            ResponseClass::composed);
  EXPECT_EQ(settings({.flags = {"--fast-routes", "composed"}}).response_class(), ResponseClass::composed);
}

}  // namespace
}  // namespace chopin::cli
