#pragma once

#include <map>
#include <string>
#include <string_view>

namespace chopin::cli {

/// Parses lines of NAME=VALUE; the last line with a name counts. A line may begin with `export `, have white
/// space around either side and quotes around the value, within which nothing is special. A `#` begins a
/// comment at the start of a line, after white space and after quotes. Throws SettingsError with the number
/// of a malformed line, but never with its text, which may be a secret.
std::map<std::string, std::string> parse_dotenv(std::string_view text);

}  // namespace chopin::cli
