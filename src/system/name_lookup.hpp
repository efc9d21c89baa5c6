#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <boost/asio/ip/tcp.hpp>
#include <boost/system/error_code.hpp>

namespace chopin::system {

/// What is known of a host: an error, or at least one address.
struct HostAddresses {
  boost::system::error_code error;
  std::vector<boost::asio::ip::tcp::endpoint> endpoints;
};

/// Asks getaddrinfo(3), which reads /etc/hosts and waits for name servers: with the usual resolv.conf up to
/// 10 s for each of them. At most 64 addresses. The errors are those of chopin::resolve.
HostAddresses look_up_host(const std::string& host, std::uint16_t port) noexcept;

}  // namespace chopin::system
