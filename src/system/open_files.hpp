#pragma once

#include <cstddef>

namespace chopin::system {

/// Raises the soft limit of open files to the hard one.
void raise_open_file_limit() noexcept;

/// Open files that the server itself needs, beside those of its connections.
std::size_t files_beside_connections(std::size_t workers) noexcept;

/// As many connections as the limit of open files leaves beside what the server itself needs; at least one.
std::size_t connections_for_open_files(std::size_t workers) noexcept;

}  // namespace chopin::system
