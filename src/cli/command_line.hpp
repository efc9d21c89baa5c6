#pragma once

#include <filesystem>
#include <string>
#include <variant>
#include <vector>

#include "chopin/config.hpp"
#include "cli/settings_error.hpp"
#include "cli/sources.hpp"

namespace chopin::cli {

/// A server with these settings.
struct ServerWanted {
  Config config;
  Warnings warnings;
};
struct HelpWanted {
  std::string text;
};
struct VersionWanted {
  /// "prebuilt" or "composed" by the settings, or why these cannot be used.
  std::string response_class;
};
/// The checklist of `chopin doctor`, for a server with these settings.
struct DoctorWanted {
  Config config;
  Flags flags;  ///< as given, including --config
  bool as_json = false;
};

/// `chopin migrate` or `chopin seed`, with the database of these settings.
struct MigrationWanted {
  Config config;
  Warnings warnings;
  bool seed = false;
};

using CommandLine = std::variant<ServerWanted, HelpWanted, VersionWanted, DoctorWanted, MigrationWanted>;

/// Reads the settings: flags, then the environment, then `.env` in the working directory, then the file that
/// --config names, then `defaults`. Throws SettingsError, also for an unknown flag.
CommandLine read_command_line(int argc, const char* const* argv, const Variables& environment,
                              const std::filesystem::path& working_directory, const Config& defaults = {});

}  // namespace chopin::cli
