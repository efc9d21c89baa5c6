#pragma once

#include <cstddef>
#include <stdexcept>
#include <string>
#include <vector>

#include <boost/asio/ip/tcp.hpp>

#include "chopin/config.hpp"
#include "system/sockets.hpp"

namespace chopin::server {

/// The server cannot listen, for example "cannot listen on 127.0.0.1:3000: address already in use".
class ListenError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Non-blocking sockets, all on the same address and port.
struct ListeningSockets {
  boost::asio::ip::tcp::endpoint endpoint;
  std::vector<system::Descriptor> sockets;
};

/// Opens `count` sockets. Unless `config.share_port` is set, no other process may listen on the port: the
/// first socket is bound without SO_REUSEPORT, which fails if the port is taken, even by a server with
/// SO_REUSEPORT. Only then is the port shared with the other sockets of this process. Throws ListenError.
ListeningSockets open_listening_sockets(const Config& config, std::size_t count);

/// "127.0.0.1:3000", "[::1]:3000".
std::string to_string(const boost::asio::ip::tcp::endpoint& endpoint);

}  // namespace chopin::server
