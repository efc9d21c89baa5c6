#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include "auth/secret.hpp"
#include "cli/database_url_file.hpp"
#include "cli/notation.hpp"
#include "cli/settings.hpp"
#include "cli/short_file.hpp"
#include "data/database_url.hpp"
#include "http/trusted_proxies.hpp"
#include "text/characters.hpp"
#include "text/number.hpp"

namespace chopin::cli {
namespace {

/// Stores a whole number within its range.
template <class Number>
bool store_number(std::optional<std::uint64_t> value, const Range<std::uint64_t>& range, Number& target) {
  if (!value || !range.contains(*value)) return false;
  target = static_cast<Number>(*value);
  return true;
}

bool store_bool(std::string_view text, std::optional<bool>& target) {
  const auto value = to_bool(text);
  if (value) target = value;
  return value.has_value();
}

bool store_bool(std::string_view text, bool& target) {
  std::optional<bool> value;
  const bool is_accepted = store_bool(text, value);
  target = value.value_or(target);
  return is_accepted;
}

bool store_duration(std::string_view text, const Range<std::chrono::milliseconds>& range,
                    std::chrono::milliseconds& target) {
  const auto value = to_duration(text);
  if (!value || !range.contains(*value)) return false;
  target = *value;
  return true;
}

bool store_timeout(std::string_view text, std::chrono::milliseconds& target) {
  return store_duration(text, ranges::timeout, target);
}

/// What `store` accepts, or none, which is 0.
template <class Number, class Store>
bool store_unless_none(std::string_view text, Number& target, Store store) {
  if (!text::equals_ignoring_case(text, "none")) return store(text, target);
  target = Number{0};
  return true;
}

/// One of the choices, under the name that `to_string` gives it, in any case.
template <class Choice, class Target>
bool store_choice(std::string_view text, std::initializer_list<Choice> choices, Target& target) {
  const auto* const choice = std::ranges::find_if(
      choices, [text](Choice known) { return text::equals_ignoring_case(to_string(known), text); });
  if (choice == choices.end()) return false;
  target = *choice;
  return true;
}

bool store_host(std::string_view text, Config& config) {
  Config tried;
  tried.host = text;
  if (!tried.fault().empty()) return false;
  config.host = text;
  return true;
}

/// Another word for a choice.
struct Synonym {
  std::string_view word;
  std::string_view meaning;
};

std::string_view meaning_of(std::string_view text, std::initializer_list<Synonym> synonyms) {
  const auto* const synonym = std::ranges::find_if(
      synonyms, [text](const Synonym& known) { return text::equals_ignoring_case(known.word, text); });
  return synonym == synonyms.end() ? text : synonym->meaning;
}

bool store_mode(std::string_view text, Config& config) {
  return store_choice(meaning_of(text, {{"perf", "performance"}, {"fast", "performance"}}),
                      {Mode::standard, Mode::performance}, config.mode);
}

bool store_reuseport(std::string_view text, Config& config) {
  const auto value = to_bool(text);
  if (value.value_or(false)) config.mode = Mode::performance;
  return value.has_value();
}

bool store_log_level(std::string_view text, Config& config) {
  return store_choice(meaning_of(text, {{"warning", "warn"}, {"err", "error"}, {"fatal", "critical"}}),
                      {LogLevel::trace, LogLevel::debug, LogLevel::info, LogLevel::warn, LogLevel::error,
                       LogLevel::critical, LogLevel::off},
                      config.log_level);
}

bool store_trusted_proxies(std::string_view text, Config& config) {
  std::vector<std::string> ranges;
  bool is_valid = true;
  if (text != "none") {
    text::for_each_element(text, [&](std::string_view range) {
      is_valid &= http::fault_of_address_range(range).empty();
      ranges.emplace_back(range);
    });
  }
  if (is_valid) config.trusted_proxies = std::move(ranges);
  return is_valid;
}

bool store_database_url(std::string_view text, Config& config) {
  data::parse_database_url(text);
  config.database.url = text;
  return true;
}

bool store_database_url_file(std::string_view text, Config& config) {
  config.database.url = read_database_url_file(std::string(text));
  return true;
}

bool store_secret(std::string_view text, std::string& target) {
  const std::string_view fault = auth::fault_of_secret(text);
  if (!fault.empty()) throw std::invalid_argument(std::string(fault));
  target = text;
  return true;
}

bool store_secret_file(std::string_view text, Config& config) {
  const std::string path(text);
  const std::string secret = read_short_file(path, ranges::token_secret.most);
  const std::string_view fault = auth::fault_of_secret(secret);
  if (!fault.empty()) throw std::invalid_argument(fmt::format("in {}: {}", path, fault));
  config.auth.secret = secret;
  return true;
}

constexpr std::string_view any_bool = "true 1 yes on, or false 0 no off";
constexpr std::string_view any_timeout = "1ms..24h, as 500ms, 10s, 2m or 1h";
constexpr std::string_view any_secret = "1..1024 bytes; in production 32 or more";

constexpr Setting table[] = {
    {"--host", "SERVER_HOST", "an IPv4 or IPv6 literal, or localhost", "address to listen on", "127.0.0.1",
     false, store_host},
    {"--port", "SERVER_PORT", "0..65535", "port to listen on; 0 lets the kernel choose", "3000", false,
     [](std::string_view text, Config& c) {
       return store_number(text::to_number(text), ranges::port, c.port);
     }},
    {"--mode", "SERVER_MODE", "standard, performance (perf, fast)", "how connections are accepted and served",
     "standard", false, store_mode},
    {"--reuseport", "REUSEPORT", any_bool, "true chooses performance mode", "false", true, store_reuseport},
    {"--fast-routes", "FAST_ROUTES", "prebuilt, composed",
     "prebuilt responses, or responses composed for every request",
     "prebuilt in performance mode, composed in standard", false,
     [](std::string_view text, Config& c) {
       return store_choice(text, {ResponseClass::prebuilt, ResponseClass::composed}, c.fast_routes);
     }},
    {"--workers", "SERVER_WORKERS", "1..1024", "threads that serve", "the CPUs this process may use", false,
     [](std::string_view text, Config& c) {
       return store_number(text::to_number(text), ranges::workers, c.workers);
     }},
    {"--pin-cpus", "SERVER_PIN_CPUS", any_bool, "bind each worker to a CPU",
     "true in performance mode with one worker per CPU", true,
     [](std::string_view text, Config& c) { return store_bool(text, c.pin_cpus); }},
    {"--environment", "ENVIRONMENT", "development (dev), production (prod), test",
     "what the server runs for; production logs no requests", "development", false,
     [](std::string_view text, Config& c) {
       return store_choice(meaning_of(text, {{"dev", "development"}, {"prod", "production"}}),
                           {Environment::development, Environment::production, Environment::test},
                           c.environment);
     }},
    {"--log-level", "LOG_LEVEL", "trace, debug, info, warn (warning), error (err), critical (fatal), off",
     "least severe line logged", "info; warn in production, debug in test", false, store_log_level},
    {"--log-format", "LOG_FORMAT", "text, json", "how a line is written", "text", false,
     [](std::string_view text, Config& c) {
       return store_choice(text, {LogFormat::text, LogFormat::json}, c.log_format);
     }},
    {"--backlog", "SERVER_BACKLOG", "1..65535", "connections the kernel queues for each listening socket",
     "8192", false,
     [](std::string_view text, Config& c) {
       return store_number(text::to_number(text), ranges::backlog, c.backlog);
     }},
    {"--max-connections", "MAX_CONNECTIONS", "1..4294967295",
     "most connections open; at the limit the longest idle one makes room",
     "derived from the limit of open files and --max-memory", false,
     [](std::string_view text, Config& c) {
       return store_number(text::to_number(text), ranges::max_connections, c.max_connections);
     }},
    {"--when-full", "WHEN_FULL", "refuse, wait", "what happens to new connections if none can make room",
     "refuse", false,
     [](std::string_view text, Config& c) {
       return store_choice(text, {WhenFull::refuse, WhenFull::wait}, c.when_full);
     }},
    {"--max-memory", "MAX_MEMORY", "16MiB..1PiB, as 256MiB or 2G",
     "what the process and its connections may hold", "three quarters of the cgroup's limit or of the RAM",
     false,
     [](std::string_view text, Config& c) {
       return store_number(to_size(text), ranges::max_memory, c.max_memory);
     }},
    {"--limit-per-address", "LIMIT_PER_ADDRESS", "1..4294967295, or none",
     "connections of one IPv4 address or IPv6 /64; further ones get a 503", "none", false,
     [](std::string_view text, Config& c) {
       return store_unless_none(text, c.limit_per_address, [](std::string_view number, auto& target) {
         return store_number(text::to_number(number), ranges::limit_per_address, target);
       });
     }},
    {"--requests-per-address", "REQUESTS_PER_ADDRESS", "1..1000000, or none",
     "requests a second of one IPv4 address or IPv6 /64; then its connections end, and new ones get a 429",
     "none", false,
     [](std::string_view text, Config& c) {
       return store_unless_none(text, c.requests_per_address, [](std::string_view number, auto& target) {
         return store_number(text::to_number(number), ranges::requests_per_address, target);
       });
     }},
    {"--send-buffer", "SERVER_SEND_BUFFER", "4096..1GiB, as 65536, 64K or 1MiB",
     "what the kernel buffers of a connection's responses", "chosen by the kernel", false,
     [](std::string_view text, Config& c) {
       return store_number(to_size(text), ranges::send_buffer, c.send_buffer);
     }},
    {"--max-buf-size", "HTTP_MAX_BUF_SIZE", "1024..1048576 bytes, as 8192, 8K or 1MiB",
     "largest request head", "8K", false,
     [](std::string_view text, Config& c) {
       return store_number(to_size(text), ranges::max_head, c.limits.max_head);
     }},
    {"--max-headers", "HTTP_MAX_HEADERS", "1..1000", "most fields in one request head, and most trailers",
     "100", false,
     [](std::string_view text, Config& c) {
       return store_number(text::to_number(text), ranges::max_fields, c.limits.max_fields);
     }},
    {"--max-body-size", "HTTP_MAX_BODY_SIZE", "0..1GiB, as 65536, 64K or 1MiB", "largest request body",
     "1MiB", false,
     [](std::string_view text, Config& c) {
       return store_number(to_size(text), ranges::max_body, c.limits.max_body);
     }},
    {"--min-rate", "HTTP_MIN_RATE", "0..1GiB, as 240 or 1K",
     "least bytes per second of heads, bodies and readers, after 5 s; 0: any", "240", false,
     [](std::string_view text, Config& c) {
       return store_number(to_size(text), ranges::min_rate, c.limits.min_rate);
     }},
    {"--max-requests", "HTTP_MAX_REQUESTS", "1..4294967295, or none", "most requests on one connection",
     "none", false,
     [](std::string_view text, Config& c) {
       return store_unless_none(text, c.limits.max_requests, [](std::string_view number, auto& target) {
         return store_number(text::to_number(number), ranges::max_requests, target);
       });
     }},
    {"--max-connection-age", "HTTP_MAX_CONNECTION_AGE", "1ms..24h, as 500ms, 10s, 2m or 1h, or none",
     "how old a connection may become: the next response is its last", "none", false,
     [](std::string_view text, Config& c) {
       return store_unless_none(text, c.timeouts.connection_age, store_timeout);
     }},
    {"--head-memo", "HTTP_HEAD_MEMO", any_bool, "recognise heads that were read before", "true", true,
     [](std::string_view text, Config& c) { return store_bool(text, c.head_memo); }},
    {"--head-scanner", "HTTP_HEAD_SCANNER", any_bool,
     "read plain heads and their bodies without Beast's parser", "true", true,
     [](std::string_view text, Config& c) { return store_bool(text, c.head_scanner); }},
    {"--header-timeout", "HTTP_HEADER_TIMEOUT", any_timeout,
     "from the first byte of a request head, or the accept, to its end", "10s", false,
     [](std::string_view text, Config& c) { return store_timeout(text, c.timeouts.header); }},
    {"--body-timeout", "HTTP_BODY_TIMEOUT", any_timeout, "between two reads that bring something of a body",
     "30s", false, [](std::string_view text, Config& c) { return store_timeout(text, c.timeouts.body); }},
    {"--idle-timeout", "HTTP_IDLE_TIMEOUT", any_timeout, "keep-alive connection without a request", "65s",
     false, [](std::string_view text, Config& c) { return store_timeout(text, c.timeouts.idle); }},
    {"--write-timeout", "HTTP_WRITE_TIMEOUT", any_timeout, "peer that does not read its responses", "30s",
     false, [](std::string_view text, Config& c) { return store_timeout(text, c.timeouts.write); }},
    {"--handler-timeout", "HTTP_HANDLER_TIMEOUT", any_timeout, "handler that responds later: then 503", "60s",
     false, [](std::string_view text, Config& c) { return store_timeout(text, c.timeouts.handler); }},
    {"--drain-timeout", "DRAIN_TIMEOUT", any_timeout, "shutdown, until what is in flight is cut", "10s",
     false, [](std::string_view text, Config& c) { return store_timeout(text, c.timeouts.drain); }},
    {"--trusted-proxies", "TRUSTED_PROXIES", "addresses and ranges with commas, as 10.0.0.0/8,::1, or none",
     "proxies whose Forwarded and X-Forwarded-For are believed", "none", false, store_trusted_proxies},
    {"--database-url", "DATABASE_URL",
     "sqlite::memory:, sqlite://FILE, postgres://USER:PASSWORD@HOST:PORT/NAME, or none",
     "the handlers' database", "sqlite::memory:", false, store_database_url},
    {"--database-url-file", "DATABASE_URL_FILE", "a path",
     "file that holds that URL, for a password that ps must not show", "none", false,
     store_database_url_file},
    {"--database-connections", "DATABASE_MAX_CONN", "1..10000",
     "most connections of this process to PostgreSQL", "two for each worker", false,
     [](std::string_view text, Config& c) {
       return store_number(text::to_number(text), ranges::database_connections, c.database.connections);
     }},
    {"--database-pipeline", "DATABASE_PIPELINE", "1..64",
     "requests in flight on one of them; 1 for some poolers", "8", false,
     [](std::string_view text, Config& c) {
       return store_number(text::to_number(text), ranges::database_pipeline, c.database.pipeline);
     }},
    {"--database-acquire-timeout", "DATABASE_ACQUIRE_TIMEOUT", any_timeout,
     "wait for a connection; below the statement timeout", "2s", false,
     [](std::string_view text, Config& c) { return store_timeout(text, c.database.acquire_timeout); }},
    {"--database-statement-timeout", "DATABASE_STATEMENT_TIMEOUT", any_timeout,
     "a statement, until it is cancelled; below the handler timeout", "5s", false,
     [](std::string_view text, Config& c) { return store_timeout(text, c.database.statement_timeout); }},
    {"--database-migrate", "DATABASE_MIGRATE", any_bool, "migrate PostgreSQL at the start; SQLite always is",
     "false", true, [](std::string_view text, Config& c) { return store_bool(text, c.database.migrate); }},
    {"--jwt-secret", "JWT_SECRET", any_secret, "secret that signs tokens", "none, and no tokens", false,
     [](std::string_view text, Config& c) { return store_secret(text, c.auth.secret); }},
    {"--jwt-secret-file", "JWT_SECRET_FILE", "a path", "file that holds that secret, which ps must not show",
     "none", false, store_secret_file},
    {"--jwt-secret-previous", "JWT_SECRET_PREVIOUS", any_secret,
     "secret of older tokens, which are still accepted", "none", false,
     [](std::string_view text, Config& c) { return store_secret(text, c.auth.previous_secret); }},
    {"--jwt-expiry", "JWT_EXPIRY", "1s..720h, as 900s, 15m or 24h", "how long a token is valid", "24h", false,
     [](std::string_view text, Config& c) {
       return store_duration(text, ranges::token_expiry, c.auth.token_expiry);
     }},
    {"--share-port", "SHARE_PORT", any_bool, "let another server listen on the same port", "false", true,
     [](std::string_view text, Config& c) { return store_bool(text, c.share_port); }},
    {"--metrics", "METRICS", any_bool, "GET /metrics: the server's metrics for Prometheus", "false", true,
     [](std::string_view text, Config& c) { return store_bool(text, c.metrics); }},
};

}  // namespace

std::span<const Setting> all_settings() {
  return table;
}

}  // namespace chopin::cli
