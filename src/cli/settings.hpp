#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "chopin/config.hpp"

namespace chopin::cli {

/// One setting: its names, what it accepts in words, and how a text becomes a value.
struct Setting {
  std::string_view flag;      ///< "--port"; without the dashes it is the key in a config file
  std::string_view variable;  ///< "SERVER_PORT"
  std::string_view accepted;  ///< "0..65535"
  std::string_view meaning;   ///< for --help
  std::string_view fallback;  ///< the default, in the notation of a value or in words
  bool is_switch = false;     ///< the flag alone means true
  bool (*apply)(std::string_view text, Config& config) = nullptr;  ///< false: not accepted
};

std::span<const Setting> all_settings();

/// The flag that names a file of settings. It sets nothing itself, and only the command line has it.
inline constexpr Setting config_file_flag{"--config", "", "a path",
                                          "file of settings, with lines such as: port = 3000", "none"};

/// What was given for a setting, and by what.
struct Value {
  std::string text;
  std::string name;  ///< "--port", "SERVER_PORT" or "port"
  std::string file;  ///< where it stands; empty for flags and variables
};

/// Something that may know a setting's value.
using Source = std::function<std::optional<Value>(const Setting&)>;

/// The first source that knows a setting decides it. Throws SettingsError where a value is not accepted or
/// two contradict each other.
Config resolve(std::span<const Source> strongest_first);

}  // namespace chopin::cli
