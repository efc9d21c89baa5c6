#pragma once

#include <map>
#include <string>
#include <string_view>

namespace chopin::cli {

/// Parses CLI11's config format, lines such as `port = 3000`, into key -> value; a key alone means true.
/// Without sections and lists; a byte order mark is skipped. Throws SettingsError with file and key if a key
/// is unknown or given twice.
std::map<std::string, std::string> parse_config_file(const std::string& text, std::string_view file_name);

}  // namespace chopin::cli
