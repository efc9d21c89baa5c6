#pragma once

#include <stdexcept>
#include <string_view>

namespace chopin::cli {

/// A setting that cannot be used. The message is one line: the setting, its value, where it came from and
/// what is accepted.
class SettingsError : public std::runtime_error {
 public:
  /// Characters that would break the line or control a terminal become `?`.
  explicit SettingsError(std::string_view message);
};

}  // namespace chopin::cli
