#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

#include "chopin/config.hpp"
#include "log/log.hpp"

namespace chopin::cli {

/// A setting that cannot be used. The message is one line: the setting, its value, where it came from and
/// what is accepted.
class SettingsError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

enum class Mode : std::uint8_t { standard, performance };

/// Everything that flags and variables decide.
struct Settings {
  Config config;
  Mode mode = Mode::standard;
  log::Level log_level = log::Level::info;
};

/// One setting: its names, what it accepts in words, and how a text becomes a value.
struct Setting {
  std::string_view flag;      ///< "--port"
  std::string_view variable;  ///< "SERVER_PORT"
  std::string_view accepted;  ///< "0..65535"
  std::string_view meaning;   ///< for --help
  std::string_view fallback;  ///< the default, in the notation of a value
  bool is_switch = false;     ///< the flag alone means true
  bool (*apply)(std::string_view text, Settings& settings) = nullptr;  ///< false: not accepted
};

std::span<const Setting> all_settings();

using Flags = std::map<std::string_view, std::string>;  ///< Setting::flag -> value
using Lookup = std::function<const char*(const char* variable)>;

/// flag > environment variable > default. An empty variable counts as unset. Throws SettingsError.
Settings resolve(const Flags& flags, const Lookup& environment);

}  // namespace chopin::cli
