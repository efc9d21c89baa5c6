#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace chopin {

/// How large a request may be. All sizes in bytes.
struct Limits {
  /// Largest request head: request line, fields and the empty line. Over it: 431, or 414 if the request line
  /// alone is, or 501 if the method is (RFC 9112 section 3, which asks for at least 8000 for the request
  /// line).
  std::uint32_t max_head = 8192;
  /// Most fields in one head, and most trailer fields in one body. Over it: 431.
  std::uint32_t max_fields = 100;
  /// Largest request body, by Content-Length or as counted. Over it: 413.
  std::uint64_t max_body = std::uint64_t{1024} * 1024;
  /// Least bytes per second at which a head or a body must arrive, and responses must be read, on average,
  /// once `Timeouts::rate_grace` is over. Slower: 408, or a reset of a peer that reads. 0: any rate.
  std::uint32_t min_rate = 240;
  /// Most requests on one connection: the response to the last of them says so. 0: any number.
  std::uint32_t max_requests = 0;

  // These limits are not settings.

  /// All chunk extensions in one body together: the server ignores them, but they cost a scan. Over it: 400.
  static constexpr std::uint32_t max_chunk_extensions = 4096;
  /// Empty lines skipped before a request line (RFC 9112 section 2.2). Over it: 400.
  static constexpr std::uint32_t max_empty_lines = 8;
  /// Responses collected before a write. While they are unsent, nothing more is read from the peer.
  static constexpr std::size_t max_pending_output = std::size_t{64} * 1024;
  /// From this size on the body of a fast route is sent without copying it. Smaller ones are copied, which
  /// costs less than a second piece in the system call.
  static constexpr std::size_t large_body = std::size_t{16} * 1024;
  /// Most bytes that are read from one connection before the others have their turn.
  static constexpr std::uint32_t read_buffer = std::uint32_t{64} * 1024;
};

/// How long a connection may take. Rounded up to whole ticks of the worker's clock, plus up to one tick.
struct Timeouts {
  using milliseconds = std::chrono::milliseconds;

  /// From the first byte of a request head, or from the accept, to the end of the head.
  milliseconds header = std::chrono::seconds(10);
  /// Between two reads that bring body bytes; chunk-size lines and trailer sections must be complete within
  /// it.
  milliseconds body = std::chrono::seconds(30);
  /// A keep-alive connection without a request.
  milliseconds idle = std::chrono::seconds(65);
  /// A peer that accepts no more response bytes; up to twice as long if the kernel still had room for some.
  milliseconds write = std::chrono::seconds(30);
  /// From the end of a request until a handler that responds later has done so. Then 503; what it sends
  /// afterwards is ignored. A response that has begun to stream is not limited.
  milliseconds handler = std::chrono::seconds(60);
  /// How old a connection may become: the first response afterwards is its last. 0: any age.
  milliseconds connection_age{0};
  /// From the stop signal until requests still in flight are cut.
  milliseconds drain = std::chrono::seconds(10);

  /// How long a peer may be slower than `Limits::min_rate` at first. The same as Kestrel's.
  static constexpr milliseconds rate_grace = std::chrono::seconds(5);
  /// The same later, at most, for a peer that was faster before.
  static constexpr milliseconds rate_credit = std::chrono::seconds(60);

  /// Between two reads after a refusal: further input is discarded, so that no reset overtakes the response.
  /// Otherwise a client that sends a large body before it reads would not see its 413. nginx waits as long.
  static constexpr milliseconds linger = std::chrono::seconds(5);
  /// The same in total, however much arrives.
  static constexpr milliseconds linger_in_all = std::chrono::seconds(30);

  // After the stop signal, all within `drain` and exact to a millisecond. A request may be on its way.

  /// A connection that has not sent a request yet.
  static constexpr milliseconds drain_first = std::chrono::seconds(1);
  /// A connection that waits for its next request.
  static constexpr milliseconds drain_next{500};
  /// `linger` while the server drains, without input.
  static constexpr milliseconds drain_linger{500};

  /// Step of the clock that updates `Date` and checks deadlines.
  static constexpr milliseconds tick{500};
};

/// How connections are accepted and served.
enum class Mode : std::uint8_t {
  standard,     ///< one accept loop deals connections to the workers; every request passes the router
  performance,  ///< one listening socket per worker; fast routes bypass the router
};

/// How fast routes respond. Benchmark rulebooks list the two separately.
enum class ResponseClass : std::uint8_t {
  prebuilt,  ///< bytes made at start
  composed,  ///< body serialised and fields written for every request
};

/// What happens to a new connection if the limit is reached and no open connection can be closed.
enum class WhenFull : std::uint8_t {
  refuse,  ///< it gets a 503 and is closed, within a second
  wait,    ///< it waits in the kernel's queue until one ends
};

/// What the server runs for.
enum class Environment : std::uint8_t { development, production, test };

/// In ascending severity; `off` logs nothing.
enum class LogLevel : std::uint8_t { trace, debug, info, warn, error, critical, off };

enum class LogFormat : std::uint8_t { text, json };

constexpr std::string_view to_string(Mode mode) noexcept {
  return mode == Mode::standard ? "standard" : "performance";
}

constexpr std::string_view to_string(ResponseClass response_class) noexcept {
  return response_class == ResponseClass::prebuilt ? "prebuilt" : "composed";
}

constexpr std::string_view to_string(WhenFull when_full) noexcept {
  return when_full == WhenFull::refuse ? "refuse" : "wait";
}

constexpr std::string_view to_string(Environment environment) noexcept {
  switch (environment) {
    case Environment::development: return "development";
    case Environment::production: return "production";
    case Environment::test: break;
  }
  return "test";
}

constexpr std::string_view to_string(LogLevel level) noexcept {
  switch (level) {
    case LogLevel::trace: return "trace";
    case LogLevel::debug: return "debug";
    case LogLevel::info: return "info";
    case LogLevel::warn: return "warn";
    case LogLevel::error: return "error";
    case LogLevel::critical: return "critical";
    case LogLevel::off: break;
  }
  return "off";
}

constexpr std::string_view to_string(LogFormat format) noexcept {
  return format == LogFormat::text ? "text" : "json";
}

/// The least and the greatest value that a setting may have.
template <class Value>
struct Range {
  Value least;
  Value most;

  [[nodiscard]] constexpr bool contains(Value value) const noexcept {
    return least <= value && value <= most;
  }
};

/// The ranges of the settings, for flags, variables and files as well as for the members of a Config.
namespace ranges {

inline constexpr Range<std::uint64_t> port{0, 65535};
inline constexpr Range<std::uint64_t> workers{1, 1024};
inline constexpr Range<std::uint64_t> backlog{1, 65535};
inline constexpr Range<std::uint64_t> max_connections{1, 4294967295};
inline constexpr Range<std::uint64_t> max_memory{std::uint64_t{16} * 1024 * 1024, std::uint64_t{1} << 50U};
inline constexpr Range<std::uint64_t> limit_per_address{1, 4294967295};
inline constexpr Range<std::uint64_t> requests_per_address{1, 1'000'000};
inline constexpr Range<std::uint64_t> send_buffer{4096, std::uint64_t{1024} * 1024 * 1024};
inline constexpr Range<std::uint64_t> max_head{1024, 1048576};
inline constexpr Range<std::uint64_t> max_fields{1, 1000};
inline constexpr Range<std::uint64_t> max_body{0, std::uint64_t{1024} * 1024 * 1024};
inline constexpr Range<std::uint64_t> min_rate{0, std::uint64_t{1024} * 1024 * 1024};
inline constexpr Range<std::uint64_t> max_requests{1, 4294967295};
inline constexpr Range<std::chrono::milliseconds> timeout{std::chrono::milliseconds(1),
                                                          std::chrono::hours(24)};
inline constexpr Range<std::uint64_t> database_connections{1, 10000};
inline constexpr Range<std::uint64_t> database_pipeline{1, 64};
inline constexpr Range<std::size_t> token_secret{1, 1024};
inline constexpr Range<std::chrono::milliseconds> token_expiry{std::chrono::seconds(1),
                                                               std::chrono::hours(720)};

}  // namespace ranges

/// Which database handlers use, and how.
struct DatabaseConfig {
  /// "sqlite::memory:", "sqlite://relative/file", "sqlite:///absolute/file", "none", or a URL of PostgreSQL:
  /// "postgres://user:password@host:port/name?sslmode=require", all that libpq takes.
  std::string url = "sqlite::memory:";
  /// Most bytes of a database in memory, in whole pages of 4 KiB; a statement that needs more gets a
  /// DatabaseError 53100. Its log takes a quarter of that in addition, or 8 MiB if that is more. 0: three
  /// eighths of what the process's cgroup grants, or of the machine's memory.
  std::uint64_t max_in_memory = 0;
  /// Most connections of this process. 0: two for each worker.
  std::uint32_t connections = 0;
  /// Calls in flight on one connection. 1 for poolers that take only one.
  std::uint32_t pipeline = 8;
  /// How long a statement or transaction waits for a connection. Must be below the statement timeout, and
  /// that below the handler timeout, so that the first to expire is the most specific. If both have their
  /// defaults, a lower handler timeout is accepted.
  std::chrono::milliseconds acquire_timeout = std::chrono::seconds(2);
  /// How long a statement runs before it is cancelled.
  std::chrono::milliseconds statement_timeout = std::chrono::seconds(5);
  /// Migrate PostgreSQL at the start: Database::maker does. SQLite is always migrated.
  bool migrate = false;

  [[nodiscard]] bool has_default_timeouts() const noexcept {
    return acquire_timeout == DatabaseConfig().acquire_timeout &&
           statement_timeout == DatabaseConfig().statement_timeout;
  }
};

/// What signs the users' tokens. `token_keys` of token.hpp makes keys of it.
struct AuthConfig {
  /// 1 to 1024 bytes without control characters; empty: none. RFC 7518 section 3.2 wants 32 bytes or more,
  /// and production takes no less.
  std::string secret;
  /// The previous secret, whose tokens are still accepted; empty: none.
  std::string previous_secret;
  /// How long a token is valid, in whole seconds; a fraction is ignored.
  std::chrono::milliseconds token_expiry = std::chrono::hours(24);
};

/// Every setting, with its default. The names of flags and variables are in src/cli/settings_table.cpp.
struct Config {
  /// IPv4 or IPv6 literal, or `localhost`, which is both 127.0.0.1 and ::1.
  std::string host = "127.0.0.1";
  /// 0 lets the kernel choose.
  std::uint16_t port = 3000;
  Mode mode = Mode::standard;
  /// Default: prebuilt in performance mode. Standard mode is always composed.
  std::optional<ResponseClass> fast_routes;
  /// 0: one for each CPU this process may use.
  std::uint32_t workers = 0;
  /// Bind each worker's thread to one CPU. Default: in performance mode, if there is one worker for each CPU
  /// this process may use and no quota of CPU time.
  std::optional<bool> pin_cpus;
  Environment environment = Environment::development;
  /// Default: info; warn in production, debug in test.
  std::optional<LogLevel> log_level;
  LogFormat log_format = LogFormat::text;
  /// Connections the kernel may queue for each listening socket.
  std::uint16_t backlog = 8192;
  /// Most connections open at once in this process. At the limit the one that has been idle longest is closed
  /// for a new one. 0: as many as the limit of open files and `max_memory` allow.
  std::uint32_t max_connections = 0;
  /// What happens at the limit, if no connection can be closed.
  WhenFull when_full = WhenFull::refuse;
  /// What this process may hold, in bytes: its own memory, and the kernel's for its connections. From three
  /// quarters of it on, connections are ended, bodies refused, the largest holders closed, new connections
  /// refused. 0: three quarters of what its cgroup grants, or of the machine's memory.
  std::uint64_t max_memory = 0;
  /// Most connections open at once of one IPv4 address, or of one IPv6 prefix of 64 bits; further ones get a
  /// 503 at once. Trusted proxies may have any number. 0: any number.
  std::uint32_t limit_per_address = 0;
  /// Most requests per second of such an address, on average; after a quiet second that many may come at
  /// once. If an address sends more, its connections end with their next response, and new ones get a 429
  /// until it may send again. Trusted proxies may send any number. 0: any number.
  std::uint32_t requests_per_address = 0;
  /// SO_SNDBUF of accepted sockets in bytes; the kernel takes net.core.wmem_max at most. 0: it chooses and
  /// adapts the size, up to net.ipv4.tcp_wmem.
  std::uint32_t send_buffer = 0;
  /// Lets another server listen on the same port, for rolling restarts.
  bool share_port = false;
  /// Adds GET /metrics: the server's metrics, for Prometheus. Anyone who can reach the server can read it. A
  /// Router that has such a route is refused with std::invalid_argument.
  bool metrics = false;
  /// Each worker keeps the heads of the last few requests, and recognises them by their bytes.
  bool head_memo = true;
  /// Plain heads, and bodies that come with them, are read without Beast's parser.
  bool head_scanner = true;
  Limits limits;
  Timeouts timeouts;
  /// Addresses and ranges such as 10.0.0.0/8 and fd00::/8: the server believes what proxies there say in
  /// Forwarded and X-Forwarded-For, see Request::peer. Never a range from which clients connect themselves.
  std::vector<std::string> trusted_proxies;
  DatabaseConfig database;
  AuthConfig auth;

  [[nodiscard]] ResponseClass response_class() const noexcept {
    if (mode == Mode::standard) return ResponseClass::composed;
    return fast_routes.value_or(ResponseClass::prebuilt);
  }
  [[nodiscard]] LogLevel least_logged() const noexcept {
    if (log_level) return *log_level;
    if (environment == Environment::production) return LogLevel::warn;
    return environment == Environment::test ? LogLevel::debug : LogLevel::info;
  }

  /// What a Server would refuse, empty if nothing: a host that is not an address, a value out of its range,
  /// or standard mode with prebuilt responses, or timeouts of the database in the wrong order.
  /// "limits.max_head: 0 is not accepted; give 1024..1048576". Secrets are not quoted.
  [[nodiscard]] std::string fault() const;
};

}  // namespace chopin
