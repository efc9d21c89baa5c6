#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "cli/command_line.hpp"

namespace chopin::cli {

/// Everything that settings can come from.
struct Given {
  std::vector<std::string> flags{};
  std::map<std::string, std::string> environment{};
  std::optional<std::string> dotenv{};       ///< contents of .env
  std::optional<std::string> config_file{};  ///< contents of chopin.conf, which --config then names
  Config defaults{};
};

/// Reads the command line in a directory of its own that holds the files.
CommandLine read(const Given& given);
Config settings(const Given& given);
Warnings warnings_of(const Given& given);
/// The message of the SettingsError; empty if there is none.
std::string error_of(const Given& given);

/// Compares field by field.
void expect_same(const Config& actual, const Config& expected, const std::string& what);

}  // namespace chopin::cli
