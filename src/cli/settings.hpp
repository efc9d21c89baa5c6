#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "chopin/config.hpp"

namespace chopin::cli {

/// One setting: its names, a description of the values it accepts, and the function that applies one.
struct Setting {
  std::string_view flag;      ///< "--port"; without the dashes it is the key in a config file
  std::string_view variable;  ///< "SERVER_PORT"
  std::string_view accepted;  ///< "0..65535"
  std::string_view meaning;   ///< for --help
  std::string_view fallback;  ///< the default, in the notation of a value or in words
  bool is_switch = false;     ///< the flag alone means true
  /// False: not accepted. Where values are secret it throws std::invalid_argument instead, which says what is
  /// wrong without quoting the value.
  bool (*apply)(std::string_view text, Config& config) = nullptr;
};

std::span<const Setting> all_settings();

/// Each variable may have it. In one source the name with the prefix beats the bare one, which other programs
/// may use too.
inline constexpr std::string_view variable_prefix = "CHOPIN_";

/// Whether a setting has this variable, with or without the prefix.
bool is_variable(std::string_view name);

/// The flag that names a settings file. It sets nothing itself and exists only on the command line.
inline constexpr Setting config_file_flag{"--config", "", "a path",
                                          "file of settings, with lines such as: port = 3000", "none"};

/// The text given for a setting, and where it was given.
struct Value {
  std::string text;
  std::string name;  ///< "--port", "SERVER_PORT" or "port"
  std::string file;  ///< the file it is in; empty for flags and variables
};

/// A source of settings: returns nullopt if it does not have this one.
using Source = std::function<std::optional<Value>(const Setting&)>;

/// The first source that has a setting decides it, and `defaults` those that no source has. Throws
/// SettingsError if a value is not accepted or two contradict each other.
Config resolve(std::span<const Source> strongest_first, const Config& defaults = {});

}  // namespace chopin::cli
