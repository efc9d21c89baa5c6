#pragma once

#include <cstdint>
#include <string>
#include <sys/socket.h>

namespace load {

/// Of the server. Throws std::invalid_argument for an address that is neither IPv4 nor IPv6 in digits.
class Address {
 public:
  Address(const std::string& digits, std::uint16_t port);

  [[nodiscard]] const sockaddr* get() const noexcept { return reinterpret_cast<const sockaddr*>(&storage_); }
  [[nodiscard]] socklen_t size() const noexcept { return size_; }
  [[nodiscard]] int family() const noexcept { return storage_.ss_family; }

 private:
  sockaddr_storage storage_{};
  socklen_t size_ = 0;
};

}  // namespace load
