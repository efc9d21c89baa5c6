#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace chopin::http {

/// What a response says about the connection (RFC 9112 section 9.3). A 1.1 client takes silence for
/// keep-alive, a 1.0 client must be told.
// NOLINTNEXTLINE(performance-enum-size): of two bytes in one argument each costs a shift and a mask
enum class Persistence : std::uint32_t { keep_alive, close, keep_alive_http_1_0 };
inline constexpr std::size_t persistence_count = 3;

/// The field line that says it, with its CR LF.
constexpr std::string_view connection_field(Persistence persistence) noexcept {
  switch (persistence) {
    case Persistence::keep_alive: return "";
    case Persistence::close: return "Connection: close\r\n";
    case Persistence::keep_alive_http_1_0: return "Connection: keep-alive\r\n";
  }
  return "";
}

}  // namespace chopin::http
