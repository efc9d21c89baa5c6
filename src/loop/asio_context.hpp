#pragma once

#include <memory>

#include <boost/asio/execution_context.hpp>

namespace chopin::loop {

/// An execution context for what needs no scheduler of Asio's. Timers, sockets, descriptors and signal sets
/// do, and Asio would start a thread to run it: making one of them throws std::logic_error, which says what
/// to use instead.
std::unique_ptr<boost::asio::execution_context> make_asio_context();

}  // namespace chopin::loop
