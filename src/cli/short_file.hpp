#pragma once

#include <cstddef>
#include <string>

namespace chopin::cli {

/// The text in a file, without the end of its line. Throws std::invalid_argument, which names the file: if it
/// cannot be read, is no regular file, for a pipe might never end, or has more than `most` bytes.
std::string read_short_file(const std::string& path, std::size_t most);

}  // namespace chopin::cli
