#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "cli/dotenv.hpp"
#include "cli/settings.hpp"

/// Where settings come from.
namespace chopin::cli {

using Flags = std::map<std::string_view, std::string>;  ///< Setting::flag -> value
using Warnings = std::vector<std::string>;              ///< one line each

/// The process's environment.
Variables process_environment();

Source from_flags(Flags flags);
/// An empty variable counts as not set. Warns of names with the prefix that no setting has.
Source from_environment(Variables environment, Warnings& warnings);
/// The file `.env` in the directory, if there is one; an empty value counts as not set. A file that cannot be
/// read is a warning, and a folder is nothing: neither need be meant for this program. Throws SettingsError.
Source from_dotenv(const std::filesystem::path& directory, Warnings& warnings);
/// `name` is relative to the directory. Throws SettingsError, also if the file is missing.
Source from_config_file(const std::string& name, const std::filesystem::path& directory);

}  // namespace chopin::cli
