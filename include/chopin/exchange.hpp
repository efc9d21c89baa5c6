#pragma once

#include <string_view>

#include "chopin/executor.hpp"
#include "chopin/request.hpp"
#include "chopin/response.hpp"

namespace chopin {

namespace connection {
class ExchangeStreams;
}

/// A request and its response under way, for a coroutine that reads or writes a body in parts:
///
///     router.post("/copy", [](chopin::Exchange& exchange) -> chopin::Task<> {
///       for (;;) {
///         const std::string_view part = co_await exchange.read();
///         if (part.empty()) co_return;
///         co_await exchange.write(part);
///       }
///     });
///
/// Neither body is ever in memory as a whole. Without `write` the response is sent when the coroutine ends,
/// as from other handlers. If the coroutine has not read the whole request, the connection ends with the
/// response.
///
/// Thread safety: the worker's thread.
/// Lifetime: until the coroutine ends.
/// Throws: as said at each function. What leaves the coroutine before the first `write` becomes a response;
///         after it the connection ends without the last chunk, so that a client of HTTP/1.1 notices; for one
///         of HTTP/1.0 the end of the connection is the end of the body.
class Exchange {
 public:
  explicit Exchange(connection::ExchangeStreams& streams) noexcept : streams_(streams) {}
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

  /// Without its body.
  [[nodiscard]] const Request& request() const noexcept;
  /// Status, fields and content type count until the first `write`; the body counts only without any `write`.
  [[nodiscard]] Response& response() noexcept;

  /// The next bytes of the request's body, up to 64 KiB; empty at its end. They stay until the next call.
  /// Waits if none have come. Throws HttpError if the body is malformed, too large or comes too slowly;
  /// boost::system::system_error if the connection ends.
  [[nodiscard]] Task<std::string_view> read();
  /// Sends the next bytes of the response's body: in chunks, to a client of HTTP/1.0 until the connection
  /// ends (RFC 9112 sections 7.1 and 6.3). Copies them, and waits while 64 KiB have not been taken by the
  /// client. Throws boost::system::system_error if the connection ends, and in the response to a HEAD, which
  /// has no body; std::logic_error if the status forbids one.
  [[nodiscard]] Task<> write(std::string_view bytes);

 private:
  connection::ExchangeStreams& streams_;
};

}  // namespace chopin
