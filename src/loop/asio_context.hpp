#pragma once

#include <memory>

#include <boost/asio/execution_context.hpp>

namespace chopin::loop {

/// An execution context without Asio's event loop. Asio's timers, sockets, descriptors and signal sets need
/// that loop, and Asio would start a thread for it: constructing one of them throws std::logic_error, whose
/// message names what to use instead.
std::unique_ptr<boost::asio::execution_context> make_asio_context();

}  // namespace chopin::loop
