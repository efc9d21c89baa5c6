#pragma once

#include <chrono>
#include <string_view>

namespace chopin::cli {

/// Opens /dev/null as stdin, stdout or stderr where the parent has closed it: otherwise the next file that is
/// opened, such as a connection, would become it. To be called before anything else is opened.
void open_missing_standard_streams() noexcept;

/// Writes to a blocking descriptor, but gives up when it takes nothing for so long: a pipe that is full, or a
/// terminal whose output is stopped. False if not all was written. Needs SIGPIPE to be harmless.
bool write_within(int fd, std::string_view text, std::chrono::milliseconds patience) noexcept;

/// From now on SIGINT, SIGTERM and SIGQUIT wait until the server unblocks them, and again after it has ended:
/// while nobody handles them they would kill the process, or be lost on process 1.
void hold_stop_signals() noexcept;

}  // namespace chopin::cli
