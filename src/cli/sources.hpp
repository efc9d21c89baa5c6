#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "cli/settings.hpp"

/// Where settings come from.
namespace chopin::cli {

using Flags = std::map<std::string_view, std::string>;            ///< Setting::flag -> value
using Lookup = std::function<const char*(const char* variable)>;  ///< nullptr: not set

Source from_flags(Flags flags);
/// An empty variable counts as not set.
Source from_environment(Lookup environment);
/// The file `.env` in the directory, if there is one; an empty value counts as not set. Throws SettingsError.
Source from_dotenv(const std::filesystem::path& directory);
/// `name` is relative to the directory. Throws SettingsError, also if the file is missing.
Source from_config_file(const std::string& name, const std::filesystem::path& directory);

}  // namespace chopin::cli
