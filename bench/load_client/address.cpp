#include "load_client/address.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdexcept>

namespace load {

Address::Address(const std::string& digits, std::uint16_t port) {
  auto& v4 = reinterpret_cast<sockaddr_in&>(storage_);
  auto& v6 = reinterpret_cast<sockaddr_in6&>(storage_);
  if (inet_pton(AF_INET, digits.c_str(), &v4.sin_addr) == 1) {
    v4.sin_family = AF_INET;
    v4.sin_port = htons(port);
    size_ = sizeof v4;
  } else if (inet_pton(AF_INET6, digits.c_str(), &v6.sin6_addr) == 1) {
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(port);
    size_ = sizeof v6;
  } else {
    throw std::invalid_argument("'" + digits + "' is not an IP address in digits");
  }
}

}  // namespace load
