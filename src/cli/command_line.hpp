#pragma once

#include <string>
#include <variant>

#include "cli/settings.hpp"

namespace chopin::cli {

struct HelpWanted {
  std::string text;
};
struct VersionWanted {};

using CommandLine = std::variant<Settings, HelpWanted, VersionWanted>;

/// Reads the flags, completes them from the environment. Throws SettingsError, also for an unknown flag.
CommandLine read_command_line(int argc, const char* const* argv, const Lookup& environment);

}  // namespace chopin::cli
