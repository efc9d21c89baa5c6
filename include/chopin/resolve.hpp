#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include <boost/asio/ip/tcp.hpp>

#include "chopin/executor.hpp"

namespace chopin {

/// The addresses of a host, as getaddrinfo(3) orders them: at least one, at most 64.
///
/// All workers of the process share one thread, which looks up one name after the other; 256 may wait for it.
/// An address in digits ("192.0.2.1", "2001:db8::1") needs no thread. A lookup that hangs does not delay a
/// stop: the process exits without waiting for the thread.
///
/// Must be awaited on a worker's thread. Throws boost::system::system_error with one of boost::asio::error:
/// host_not_found, host_not_found_try_again (the name server failed), no_recovery, no_memory, timed_out,
/// try_again (256 are waiting, or no thread could start), operation_aborted (the coroutine was cancelled); or
/// with another error of the system, such as too many open files.
Task<std::vector<boost::asio::ip::tcp::endpoint>> resolve(
    std::string host, std::uint16_t port, std::chrono::nanoseconds timeout = std::chrono::seconds(5));

}  // namespace chopin
