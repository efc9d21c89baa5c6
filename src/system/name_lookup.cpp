#include "system/name_lookup.hpp"

#include <cerrno>
#include <cstddef>
#include <cstring>
#include <exception>
#include <memory>
#include <netdb.h>
#include <sys/socket.h>

#include <boost/asio/error.hpp>

namespace chopin::system {
namespace {

constexpr std::size_t most_addresses = 64;
constexpr std::size_t longest_name = 254;  // RFC 1035 section 2.3.4: 253 characters, and the dot of the root

boost::system::error_code error_of(int status) noexcept {
  switch (status) {
    case EAI_AGAIN: return boost::asio::error::host_not_found_try_again;
    case EAI_MEMORY: return boost::asio::error::no_memory;
    case EAI_SYSTEM: return {errno != 0 ? errno : EIO, boost::system::system_category()};
    case EAI_NONAME:
    case EAI_NODATA:
    case EAI_ADDRFAMILY: return boost::asio::error::host_not_found;
    default: return boost::asio::error::no_recovery;
  }
}

}  // namespace

HostAddresses look_up_host(const std::string& host, std::uint16_t port) noexcept try {
  // An empty name is none, and getaddrinfo would read a name only up to a zero byte.
  if (host.empty() || host.size() > longest_name || host.find('\0') != std::string::npos) {
    return {boost::asio::error::host_not_found, {}};
  }
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* list = nullptr;
  const int status = getaddrinfo(host.c_str(), nullptr, &hints, &list);
  if (status != 0) return {error_of(status), {}};
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owned(list, freeaddrinfo);
  HostAddresses result;
  for (const addrinfo* each = list; each != nullptr; each = each->ai_next) {
    if (result.endpoints.size() == most_addresses) break;
    boost::asio::ip::tcp::endpoint endpoint;
    if (each->ai_addrlen > endpoint.capacity()) continue;
    endpoint.resize(each->ai_addrlen);
    std::memcpy(endpoint.data(), each->ai_addr, each->ai_addrlen);
    endpoint.port(port);
    result.endpoints.push_back(endpoint);
  }
  if (result.endpoints.empty()) result.error = boost::asio::error::host_not_found;
  return result;
} catch (const std::exception&) {
  return {boost::asio::error::no_memory, {}};
}

}  // namespace chopin::system
