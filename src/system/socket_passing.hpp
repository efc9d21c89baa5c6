#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "system/descriptor.hpp"

namespace chopin::system {

/// Local sockets by which processes of one user hand descriptors to each other. Their names are abstract
/// (unix(7)): they need no file, end with the process, and are known in one network namespace only.
///
/// All connections time out: a peer that does not respond within `passing_timeout`, or that much longer if
/// signals interrupt the wait, counts as gone.
inline constexpr std::chrono::milliseconds passing_timeout{1000};

/// Not open if the name is taken; throws std::system_error for any other reason.
Descriptor listen_locally(std::string_view name);
/// Not open if nobody listens, or if it belongs to another user. `timeout`: of each wait, above 0.
Descriptor connect_locally(std::string_view name,
                           std::chrono::milliseconds timeout = passing_timeout) noexcept;
/// The next connection, which must be waiting. Not open, with errno: EPERM if it belongs to another user.
Descriptor accept_locally(int listening_fd) noexcept;

/// A message of one byte, and descriptors.
struct DescriptorMessage {
  /// Linux refuses more in one message (SCM_MAX_FD).
  static constexpr std::size_t most_descriptors = 253;

  char kind = 0;  ///< 0: nothing was received, or not all of it
  std::vector<Descriptor> descriptors;
};

/// False if the peer is gone or does not receive in time. `descriptors`: at most `most_descriptors`.
bool send_message(int fd, char kind, std::span<const Descriptor> descriptors = {}) noexcept;
/// Throws std::bad_alloc.
DescriptorMessage receive_message(int fd);

/// What the kernel knows an open file by: the same for all its descriptors, in all processes.
std::uint64_t identity_of(int fd) noexcept;

}  // namespace chopin::system
