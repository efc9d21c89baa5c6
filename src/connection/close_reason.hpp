#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace chopin::connection {

/// Why a connection has ended.
enum class CloseReason : std::uint8_t {
  peer_closed,     ///< the peer closed between two requests
  peer_reset,      ///< reset by the peer, or a network error
  client_asked,    ///< `Connection: close`, or HTTP/1.0 without keep-alive
  rejected,        ///< a request was refused with 4xx or 5xx, or was a CONNECT or TRACE
  header_timeout,  ///< no complete head in time
  body_timeout,
  idle_timeout,
  write_timeout,  ///< the peer did not read its responses, or has vanished
  request_limit,  ///< as many requests as one connection may bring
  age_limit,      ///< the connection is older than it may become
  address_limit,  ///< its address had as many connections as it may, or more requests in a second
  body_unread,    ///< a handler has responded without reading the whole body
  failed,         ///< the server ran out of memory or another resource
  evicted,        ///< at the limit of connections, to make room for a new one
  memory,         ///< memory was short, see MemoryStage
  drained,        ///< shutdown, with no request in flight
  cut,            ///< shutdown, with a request still in flight
};

inline constexpr std::size_t close_reason_count = static_cast<std::size_t>(CloseReason::cut) + 1;

constexpr std::string_view to_string(CloseReason reason) noexcept {
  constexpr std::string_view names[] = {
      "peer_closed",   "peer_reset",   "client_asked",  "rejected",      "header_timeout",
      "body_timeout",  "idle_timeout", "write_timeout", "request_limit", "age_limit",
      "address_limit", "body_unread",  "failed",        "evicted",       "memory",
      "drained",       "cut"};
  return names[static_cast<std::size_t>(reason)];
}

}  // namespace chopin::connection
