#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "chopin/config.hpp"

namespace chopin {

/// A setting that cannot be used. The message is one line: the setting, its value, where it came from and
/// what is accepted.
///
/// Thread safety: immutable.
/// Lifetime: owns its text.
/// Throws: std::bad_alloc.
class SettingsError : public std::runtime_error {
 public:
  /// Characters that would break the line or control a terminal become `?`.
  explicit SettingsError(std::string_view message);
};

/// The settings that a program was given.
struct Settings {
  Config config;
  std::vector<std::string> warnings;  ///< one line each: what was ignored, and why
  bool help = false;                  ///< `--help` or `-h` was given, and nothing else was read
};

/// Reads the settings as the program `chopin` does, in this order: flags, environment variables, the file
/// `.env` in the working directory, the file that `--config` names. The first that has a setting decides it;
/// settings that none of them has come from `defaults`. Each variable may have the prefix CHOPIN_, which
/// beats the bare name in the same place. Throws SettingsError. Must not run while another thread changes the
/// environment.
Settings read_settings(int argc, const char* const* argv, const Config& defaults = {});

/// What `--help` says of each setting: flag, variable, meaning, accepted values and default.
std::string settings_help();

}  // namespace chopin
