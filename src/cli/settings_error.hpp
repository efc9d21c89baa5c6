#pragma once

#include <stdexcept>
#include <string_view>

namespace chopin::cli {

/// A setting that cannot be used. The message is one line: the setting, its value, where it came from and
/// what is accepted.
class SettingsError : public std::runtime_error {
 public:
  /// What would break the line, or steer a terminal, is shown as `?`.
  explicit SettingsError(std::string_view message);
};

}  // namespace chopin::cli
