#pragma once

#include <cstddef>
#include <stdexcept>
#include <string>
#include <vector>

#include <boost/asio/ip/tcp.hpp>

#include "chopin/config.hpp"
#include "chopin/log.hpp"
#include "system/sockets.hpp"

namespace chopin::server {

/// The server cannot listen, for example "cannot listen on 127.0.0.1:3000: address already in use".
class ListenError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Non-blocking sockets on one port.
struct ListeningSockets {
  boost::asio::ip::tcp::endpoint endpoint;  ///< of the first address
  std::vector<system::Descriptor> sockets;
};

/// Where to listen: one address, or both loopback addresses for "localhost". Throws ListenError.
std::vector<boost::asio::ip::tcp::endpoint> addresses_of(const Config& config);

/// Opens `count` sockets for each address, less those that were `taken_over` from another server. A second
/// address that the machine does not have is left out. Unless `config.share_port` is set, no other process
/// may listen on the port: the first socket is bound without SO_REUSEPORT, which fails if the port is taken,
/// even by a server with SO_REUSEPORT. Only then is the port shared with the other sockets of this process.
/// Throws ListenError.
ListeningSockets open_listening_sockets(const Config& config, std::size_t count,
                                        std::vector<system::Descriptor> taken_over = {}, const Log& log = {});

/// Gives a socket that listens already, of another server, the queue and the send bounds that this one wants.
void take_settings(int fd, const Config& config) noexcept;

/// Of a TCP socket; the unspecified address if `fd` is none.
boost::asio::ip::tcp::endpoint address_of(int fd) noexcept;

/// "127.0.0.1:3000", "[::1]:3000".
std::string to_string(const boost::asio::ip::tcp::endpoint& endpoint);

}  // namespace chopin::server
