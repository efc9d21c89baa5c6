#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

namespace chopin {

/// How large a request may be. All sizes in bytes.
struct Limits {
  /// Largest request head: request line, fields and the empty line. Over it: 431.
  std::uint32_t max_head = 8192;
  /// Most header fields in one head, and most trailer fields in one body. Over it: 431.
  std::uint32_t max_fields = 100;
  /// Largest request body, announced or counted. Over it: 413.
  std::uint64_t max_body = std::uint64_t{1024} * 1024;

  // Limits that are not settings.

  /// Longest request line with its CRLF; RFC 9112 section 3 asks for at least 8000. Over it: 414.
  static constexpr std::uint32_t max_request_line = 8000;
  /// Longest field, name and value together. Over it: 431.
  static constexpr std::uint32_t max_field = 8000;
  /// Chunk extensions in one body, all together: they carry nothing for us and cost a scan. Over it: 400.
  static constexpr std::uint32_t max_chunk_extensions = 4096;
  /// Empty lines skipped before a request line (RFC 9112 section 2.2). Over it: 400.
  static constexpr std::uint32_t max_empty_lines = 8;
  /// Answers gathered before they are written; a peer that does not read them is not read from.
  static constexpr std::size_t max_pending_output = std::size_t{64} * 1024;
  /// Input thrown away after the last answer of a connection, so that no reset overtakes the answer.
  static constexpr std::size_t max_linger_input = std::size_t{16} * 1024 * 1024;
  /// First read buffer of a connection: 64 pipelined requests of a load tool fit. Grows to `max_head`.
  static constexpr std::uint32_t first_read_buffer = 4096;
};

/// How long a connection may take. They hold to within one tick of the worker's clock (`tick`).
struct Timeouts {
  using milliseconds = std::chrono::milliseconds;

  /// From the first byte of a request head (or from the accept) to its end.
  milliseconds header = std::chrono::seconds(10);
  /// Between two reads of a body.
  milliseconds body = std::chrono::seconds(30);
  /// Keep-alive connection without a request.
  milliseconds idle = std::chrono::seconds(65);
  /// Peer that does not read its answers.
  milliseconds write = std::chrono::seconds(30);
  /// From the stop signal until what is still in flight is cut.
  milliseconds drain = std::chrono::seconds(10);

  /// Input still awaited after the last answer of a connection.
  static constexpr milliseconds linger = std::chrono::seconds(2);
  /// Step of the clock that moves `Date` and the deadlines.
  static constexpr milliseconds tick{500};
};

/// Every setting, with its default. The names people set them by are in src/cli/settings.cpp.
struct Config {
  /// IPv4 or IPv6 literal, or `localhost`, which is 127.0.0.1.
  std::string host = "127.0.0.1";
  /// 0 lets the kernel choose.
  std::uint16_t port = 3000;
  /// 0: as many as CPUs this process may use.
  std::uint32_t workers = 0;
  /// Each worker's thread is bound to one CPU.
  bool pin_cpus = true;
  /// Connections the kernel may queue for each worker's listening socket.
  std::uint16_t backlog = 8192;
  /// Lets another server listen on the same port, for rolling restarts.
  bool share_port = false;
  Limits limits;
  Timeouts timeouts;
};

}  // namespace chopin
