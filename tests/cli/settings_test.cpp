#include "cli/settings.hpp"

#include <chrono>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include <gtest/gtest.h>

#include "cli/command_line.hpp"

namespace chopin::cli {
namespace {

using namespace std::chrono_literals;
using Environment = std::map<std::string, std::string>;

CommandLine read(std::vector<const char*> arguments, const Environment& environment = {}) {
  arguments.insert(arguments.begin(), "chopin");
  return read_command_line(static_cast<int>(arguments.size()), arguments.data(), [&](const char* name) {
    const auto entry = environment.find(name);
    return entry == environment.end() ? nullptr : entry->second.c_str();
  });
}

Settings settings(const std::vector<const char*>& arguments, Environment environment = {}) {
  environment.try_emplace("REUSEPORT", "true");
  return std::get<Settings>(read(arguments, environment));
}

std::string error_of(const std::vector<const char*>& arguments, const Environment& environment = {}) {
  try {
    read(arguments, environment);
    return {};
  } catch (const SettingsError& error) {
    return error.what();
  }
}

TEST(Settings, have_the_defaults_that_the_documents_name) {
  for (const Setting& setting : all_settings()) {
    if (setting.flag == "--workers" || setting.flag == "--mode") continue;
    const std::string flag(setting.flag);
    Settings changed;
    ASSERT_TRUE(setting.apply(setting.fallback, changed)) << flag;
    const Settings untouched;
    EXPECT_EQ(changed.config.host, untouched.config.host) << flag;
    EXPECT_EQ(changed.config.port, untouched.config.port) << flag;
    EXPECT_EQ(changed.mode, untouched.mode) << flag;
    EXPECT_EQ(changed.config.pin_cpus, untouched.config.pin_cpus) << flag;
    EXPECT_EQ(changed.log_level, untouched.log_level) << flag;
    EXPECT_EQ(changed.config.backlog, untouched.config.backlog) << flag;
    EXPECT_EQ(changed.config.share_port, untouched.config.share_port) << flag;
    EXPECT_EQ(changed.config.limits.max_head, untouched.config.limits.max_head) << flag;
    EXPECT_EQ(changed.config.limits.max_fields, untouched.config.limits.max_fields) << flag;
    EXPECT_EQ(changed.config.limits.max_body, untouched.config.limits.max_body) << flag;
    EXPECT_EQ(changed.config.timeouts.header, untouched.config.timeouts.header) << flag;
    EXPECT_EQ(changed.config.timeouts.body, untouched.config.timeouts.body) << flag;
    EXPECT_EQ(changed.config.timeouts.idle, untouched.config.timeouts.idle) << flag;
    EXPECT_EQ(changed.config.timeouts.write, untouched.config.timeouts.write) << flag;
    EXPECT_EQ(changed.config.timeouts.drain, untouched.config.timeouts.drain) << flag;
  }
}

TEST(Settings, come_from_flags_before_variables_before_defaults) {
  EXPECT_EQ(settings({}).config.port, 3000);
  EXPECT_EQ(settings({}, {{"SERVER_PORT", "4000"}}).config.port, 4000);
  EXPECT_EQ(settings({"--port", "5000"}, {{"SERVER_PORT", "4000"}}).config.port, 5000);
  EXPECT_EQ(settings({"--port=5000"}).config.port, 5000);
  EXPECT_EQ(settings({}, {{"SERVER_PORT", ""}}).config.port, 3000);
}

TEST(Settings, reach_the_place_they_name) {
  const Settings all =
      settings({"--host",          "::1",    "--workers",       "3",    "--pin-cpus",       "off",
                "--log-level",     "WARN",   "--backlog",       "128",  "--max-buf-size",   "16K",
                "--max-headers",   "7",      "--max-body-size", "2MiB", "--header-timeout", "1s",
                "--body-timeout",  "2s",     "--idle-timeout",  "3m",   "--write-timeout",  "4s",
                "--drain-timeout", "1500ms", "--share-port"});
  EXPECT_EQ(all.config.host, "::1");
  EXPECT_EQ(all.config.workers, 3U);
  EXPECT_FALSE(all.config.pin_cpus);
  EXPECT_EQ(all.log_level, log::Level::warn);
  EXPECT_EQ(all.config.backlog, 128);
  EXPECT_EQ(all.config.limits.max_head, 16384U);
  EXPECT_EQ(all.config.limits.max_fields, 7U);
  EXPECT_EQ(all.config.limits.max_body, 2097152U);
  EXPECT_EQ(all.config.timeouts.header, 1s);
  EXPECT_EQ(all.config.timeouts.body, 2s);
  EXPECT_EQ(all.config.timeouts.idle, 3min);
  EXPECT_EQ(all.config.timeouts.write, 4s);
  EXPECT_EQ(all.config.timeouts.drain, 1500ms);
  EXPECT_TRUE(all.config.share_port);
}

TEST(Settings, performance_mode_has_several_names) {
  for (const char* name : {"performance", "perf", "fast", "Performance"}) {
    EXPECT_EQ(settings({}, {{"SERVER_MODE", name}, {"REUSEPORT", "false"}}).mode, Mode::performance) << name;
  }
  for (const char* yes : {"true", "1", "yes", "on", "TRUE"}) {
    EXPECT_EQ(settings({}, {{"REUSEPORT", yes}}).mode, Mode::performance) << yes;
  }
  EXPECT_EQ(settings({"--reuseport"}, {{"REUSEPORT", ""}}).mode, Mode::performance);
}

TEST(Settings, say_which_value_is_wrong_and_what_is_accepted) {
  EXPECT_EQ(error_of({"--port", "65536"}), "--port: '65536' is not accepted; give 0..65535");
  EXPECT_EQ(error_of({}, {{"SERVER_PORT", "x"}}), "SERVER_PORT: 'x' is not accepted; give 0..65535");
  EXPECT_EQ(error_of({"--host", "example.com"}),
            "--host: 'example.com' is not accepted; give an IPv4 or IPv6 literal, or localhost");
  EXPECT_EQ(error_of({}, {{"REUSEPORT", "2"}}),
            "REUSEPORT: '2' is not accepted; give true 1 yes on, or false 0 no off");
  EXPECT_EQ(error_of({"--idle-timeout", "0s"}),
            "--idle-timeout: '0s' is not accepted; give 1ms..24h, as 500ms, 10s, 2m or 1h");
  for (const auto& [flag, value] : std::map<const char*, const char*>{{"--workers", "0"},
                                                                      {"--workers", "1025"},
                                                                      {"--backlog", "0"},
                                                                      {"--backlog", "65536"},
                                                                      {"--max-buf-size", "1023"},
                                                                      {"--max-buf-size", "1048577"},
                                                                      {"--max-headers", "1001"},
                                                                      {"--max-body-size", "1073741825"},
                                                                      {"--mode", "turbo"},
                                                                      {"--log-level", "loud"},
                                                                      {"--pin-cpus", "maybe"},
                                                                      {"--port", ""}}) {
    EXPECT_NE(error_of({flag, value}).find("is not accepted"), std::string::npos) << flag << " " << value;
  }
}

TEST(Settings, refuse_standard_mode_with_reuseport_and_name_both) {
  EXPECT_EQ(error_of({"--mode", "standard"}, {{"REUSEPORT", "true"}}),
            "--mode=standard contradicts REUSEPORT=true: standard mode has one listening socket");
}

TEST(Settings, refuse_standard_mode_until_it_is_there) {
  EXPECT_EQ(
      error_of({}),
      "SERVER_MODE: standard mode is not in this version; give SERVER_MODE=performance or REUSEPORT=true");
}

TEST(CommandLine, refuses_unknown_and_repeated_flags_and_missing_values) {
  EXPECT_NE(error_of({"--prot", "1"}).find("--prot"), std::string::npos);
  EXPECT_NE(error_of({"stray"}).find("stray"), std::string::npos);
  EXPECT_NE(error_of({"--port"}).find("--port"), std::string::npos);
  EXPECT_NE(error_of({"--port", "1", "--port", "2"}).find("--port"), std::string::npos);
}

TEST(CommandLine, help_names_every_setting_and_its_default) {
  const auto help = std::get<HelpWanted>(read({"--help"}));
  for (const Setting& setting : all_settings()) {
    for (const std::string_view text : {setting.flag, setting.variable, setting.accepted, setting.fallback}) {
      EXPECT_NE(help.text.find(text), std::string::npos) << text;
    }
  }
}

TEST(CommandLine, version_needs_no_settings) {
  EXPECT_TRUE(std::holds_alternative<VersionWanted>(read({"--version"})));
  EXPECT_TRUE(std::holds_alternative<VersionWanted>(read({"-V"})));
}

TEST(Readme, lists_the_settings_as_the_program_has_them) {
  std::ifstream file(CHOPIN_README);
  const std::string readme{std::istreambuf_iterator<char>(file), {}};
  std::set<std::string> rows;
  for (const Setting& setting : all_settings()) {
    const std::string row = "| `" + std::string(setting.flag) + "` | " + std::string(setting.variable) +
                            " | " + std::string(setting.fallback) + " | " + std::string(setting.accepted) +
                            " | " + std::string(setting.meaning) + " |\n";
    EXPECT_NE(readme.find(row), std::string::npos) << row;
    rows.insert(row);
  }
  std::size_t count = 0;
  for (std::size_t at = readme.find("\n| `--"); at != std::string::npos; at = readme.find("\n| `--", at + 1))
    ++count;
  EXPECT_EQ(count, rows.size()) << "the table has a setting that the program lacks";
}

}  // namespace
}  // namespace chopin::cli
