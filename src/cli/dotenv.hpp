#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace chopin::cli {

using Variables = std::map<std::string, std::string>;  ///< name -> value

struct Dotenv {
  Variables values;
  std::vector<std::string> warnings;
};

/// Parses lines of NAME=VALUE; the last line with a name counts. A line may begin with `export `, have white
/// space around either side and quotes around the value, which then may extend over several lines. Within
/// double quotes `\\` and `\"` stand for a backslash and a quotation mark. A `#` begins a comment at the
/// start of a line, after white space and after quotes. A byte order mark before the first line is skipped.
///
/// The file may belong to other programs too: what sets none of our variables is skipped, whatever it is; a
/// line that begins with one of their names without setting it is a warning. Throws SettingsError if quotes
/// do not enclose the value of one of them. No message shows the text of a line, which may be a secret.
Dotenv parse_dotenv(std::string_view text);

}  // namespace chopin::cli
