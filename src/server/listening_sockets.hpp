#pragma once

#include <functional>
#include <stdexcept>
#include <vector>

#include <boost/asio/io_context.hpp>

#include "chopin/config.hpp"
#include "server/tcp.hpp"

namespace chopin::server {

/// The server cannot listen: "cannot listen on 127.0.0.1:3000: address already in use".
class ListenError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Opens one listening socket per io_context, all on the same address and port. Unless `config.share_port`,
/// nobody else may listen there: the first socket is bound and listens alone, which the kernel refuses when
/// the port is taken, by a server with SO_REUSEPORT too, and only then is the port shared with the others of
/// this process. Throws ListenError.
std::vector<Acceptor> open_listening_sockets(
    const Config& config, const std::vector<std::reference_wrapper<boost::asio::io_context>>& contexts);

/// "127.0.0.1:3000", "[::1]:3000".
std::string to_string(const boost::asio::ip::tcp::endpoint& endpoint);

}  // namespace chopin::server
