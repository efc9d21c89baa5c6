#pragma once

#include <map>
#include <string>
#include <string_view>

namespace chopin::cli {

/// Reads CLI11's config format, lines of `port = 3000`, into key -> value; a key alone means true. Sections
/// and lists are no part of it. Throws SettingsError, which names the file and the key, where a key is no
/// setting's or there twice.
std::map<std::string, std::string> parse_config_file(const std::string& text, std::string_view file_name);

}  // namespace chopin::cli
