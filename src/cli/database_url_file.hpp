#pragma once

#include <string>

namespace chopin::cli {

/// The URL in the file, without the end of its line. Throws std::invalid_argument, which names the file: if
/// it cannot be read, is no regular file or is too large, or if the URL is not accepted.
std::string read_database_url_file(const std::string& path);

}  // namespace chopin::cli
