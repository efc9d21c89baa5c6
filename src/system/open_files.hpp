#pragma once

#include <cstddef>

namespace chopin::system {

/// Raises the soft limit of open files to the hard one.
void raise_open_file_limit() noexcept;

/// Open files that the server needs besides its connections.
std::size_t files_beside_connections(std::size_t workers) noexcept;

/// The number of connections that the limit of open files leaves room for; at least one.
std::size_t connections_for_open_files(std::size_t workers) noexcept;

}  // namespace chopin::system
