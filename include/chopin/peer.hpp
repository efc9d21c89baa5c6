#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace chopin {

/// An IP address with a port: the other end of a connection.
///
/// Thread safety: immutable.
/// Lifetime: a value.
/// Throws: std::bad_alloc from what returns a text.
class Peer {
 public:
  /// Not known.
  Peer() = default;
  /// An IPv6 address in network order; an IPv4 one as ::ffff:a.b.c.d (RFC 4291 section 2.5.5.2).
  Peer(const std::array<std::uint8_t, 16>& bytes, std::uint16_t port) noexcept : bytes_(bytes), port_(port) {}
  /// "192.0.2.1" or "2001:db8::1". Nothing if it is neither.
  static std::optional<Peer> parse(std::string_view address, std::uint16_t port = 0);

  [[nodiscard]] bool is_known() const noexcept { return *this != Peer(); }
  [[nodiscard]] bool is_v4() const noexcept;
  /// "192.0.2.1", "2001:db8::1"; empty if it is not known.
  [[nodiscard]] std::string address() const;
  /// 0 if it is not known.
  [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
  /// "192.0.2.1:40112", "[2001:db8::1]:40112"; empty if it is not known.
  [[nodiscard]] std::string text() const;
  /// As for the constructor.
  [[nodiscard]] const std::array<std::uint8_t, 16>& bytes() const noexcept { return bytes_; }

  bool operator==(const Peer&) const noexcept = default;

 private:
  std::array<std::uint8_t, 16> bytes_{};
  std::uint16_t port_ = 0;
};

}  // namespace chopin
