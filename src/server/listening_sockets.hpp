#pragma once

#include <cstddef>
#include <stdexcept>
#include <string>
#include <vector>

#include <boost/asio/ip/tcp.hpp>

#include "chopin/config.hpp"
#include "system/sockets.hpp"

namespace chopin::server {

/// The server cannot listen: "cannot listen on 127.0.0.1:3000: address already in use".
class ListenError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Non-blocking, and all on the same address and port.
struct ListeningSockets {
  boost::asio::ip::tcp::endpoint endpoint;
  std::vector<system::Descriptor> sockets;
};

/// Opens so many of them. Unless `config.share_port`, nobody else may listen there: the first socket is bound
/// and listens alone, which the kernel refuses when the port is taken, by a server with SO_REUSEPORT too, and
/// only then is the port shared with the others of this process. Throws ListenError.
ListeningSockets open_listening_sockets(const Config& config, std::size_t count);

/// "127.0.0.1:3000", "[::1]:3000".
std::string to_string(const boost::asio::ip::tcp::endpoint& endpoint);

}  // namespace chopin::server
