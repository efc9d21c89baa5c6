#pragma once

#include <atomic>
#include <cstddef>

namespace chopin::system {

/// The soft limit of open files is raised towards the hard one only as workers and open connections need it:
/// programs that a handler starts inherit it, and one that uses select(2) cannot cope with a high one.

/// To be called before connections are accepted.
void note_open_file_limit() noexcept;
/// Doubles the soft limit, up to the hard one. False if it is as high as may be.
bool raise_open_file_limit() noexcept;

/// Raises the soft limit until so many more files can be opened, or it is as high as may be.
void make_room_for(std::size_t more) noexcept;

/// From this descriptor on the limit is raised, which leaves room for what handlers open.
extern constinit std::atomic<int> raise_limit_from;  // NOLINT(*-avoid-non-const-global-variables)
inline void make_room_beyond(int fd) noexcept {
  if (fd >= raise_limit_from.load(std::memory_order_relaxed)) [[unlikely]]
    raise_open_file_limit();
}

/// In a child after fork: the soft limit is again what it was before it was raised. Async-signal-safe.
void lower_open_file_limit_again() noexcept;

/// Open files of the workers themselves.
std::size_t files_of_workers(std::size_t workers) noexcept;
/// Open files that the server needs besides its connections.
std::size_t files_beside_connections(std::size_t workers) noexcept;

/// The number of connections that the hard limit of open files leaves room for; at least one.
std::size_t connections_for_open_files(std::size_t workers) noexcept;

}  // namespace chopin::system
