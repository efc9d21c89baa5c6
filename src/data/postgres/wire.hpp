#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>
#include <utility>

struct pg_conn;  // NOLINT(readability-identifier-naming): it is libpq's
struct ssl_st;   // NOLINT(readability-identifier-naming): it is OpenSSL's

namespace chopin::data::postgres {

struct EndConnection {
  void operator()(pg_conn* connection) const noexcept;
};
/// libpq's connection. It has made the handshake and owns the socket; what is said afterwards is ours.
using Handle = std::unique_ptr<pg_conn, EndConnection>;

/// The bytes of an established connection: of its socket or, with TLS, of OpenSSL's session on it.
///
/// Thread safety: one thread at a time.
/// Lifetime: owns the connection until it is taken; says goodbye to the server and closes it at its end.
/// Throws: nothing.
class Wire {
 public:
  /// What became of a call: bytes moved, none now (`would_block`), or the end of the connection.
  struct Moved {
    std::size_t size = 0;
    bool would_block = false;
  };

  explicit Wire(Handle handle) noexcept;

  [[nodiscard]] int fd() const noexcept { return fd_; }
  /// The connection itself. Nothing may be sent or received afterwards.
  [[nodiscard]] Handle take() noexcept {
    fd_ = -1;
    return std::move(handle_);
  }
  [[nodiscard]] Moved receive(std::span<char> space) noexcept;
  [[nodiscard]] Moved send(std::string_view bytes) noexcept;
  /// Whether a `receive` that did not fill its space has taken all there is, so that an event will report
  /// more.
  [[nodiscard]] bool is_empty_after_short_receive() const noexcept { return tls_ == nullptr; }

 private:
  Handle handle_;
  int fd_;
  ssl_st* tls_;  // null without TLS; libpq owns it
};

}  // namespace chopin::data::postgres
