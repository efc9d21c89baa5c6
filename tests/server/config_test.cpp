#include "chopin/config.hpp"

#include <chrono>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "chopin/server.hpp"
#include "cli/reading.hpp"

namespace chopin {
namespace {

using namespace std::chrono_literals;

/// A value of a setting as the command line and as a program gives it.
struct Given {
  std::string flag;
  std::string text;
  void (*set)(Config& config);
  bool is_accepted;
};

const std::vector<Given> ends_of_ranges{
    {"--host", "::1", [](Config& c) { c.host = "::1"; }, true},
    {"--host", "example.com", [](Config& c) { c.host = "example.com"; }, false},
    {"--host", "", [](Config& c) { c.host = ""; }, false},
    {"--port", "65535", [](Config& c) { c.port = 65535; }, true},
    {"--workers", "1024", [](Config& c) { c.workers = 1024; }, true},
    {"--workers", "1025", [](Config& c) { c.workers = 1025; }, false},
    {"--backlog", "1", [](Config& c) { c.backlog = 1; }, true},
    {"--backlog", "0", [](Config& c) { c.backlog = 0; }, false},
    {"--max-connections", "4294967295", [](Config& c) { c.max_connections = 4294967295; }, true},
    {"--max-memory", "16777215", [](Config& c) { c.max_memory = 16777215; }, false},
    {"--max-memory", "16777216", [](Config& c) { c.max_memory = 16777216; }, true},
    {"--limit-per-address", "1", [](Config& c) { c.limit_per_address = 1; }, true},
    {"--limit-per-address", "4294967295", [](Config& c) { c.limit_per_address = 4294967295; }, true},
    {"--limit-per-address", "none", [](Config& c) { c.limit_per_address = 0; }, true},
    {"--requests-per-address", "1", [](Config& c) { c.requests_per_address = 1; }, true},
    {"--requests-per-address", "1000000", [](Config& c) { c.requests_per_address = 1'000'000; }, true},
    {"--requests-per-address", "1000001", [](Config& c) { c.requests_per_address = 1'000'001; }, false},
    {"--requests-per-address", "none", [](Config& c) { c.requests_per_address = 0; }, true},
    {"--send-buffer", "4095", [](Config& c) { c.send_buffer = 4095; }, false},
    {"--send-buffer", "4096", [](Config& c) { c.send_buffer = 4096; }, true},
    {"--send-buffer", "1GiB", [](Config& c) { c.send_buffer = 1073741824; }, true},
    {"--send-buffer", "1073741825", [](Config& c) { c.send_buffer = 1073741825; }, false},
    {"--max-buf-size", "1023", [](Config& c) { c.limits.max_head = 1023; }, false},
    {"--max-buf-size", "1024", [](Config& c) { c.limits.max_head = 1024; }, true},
    {"--max-buf-size", "1048576", [](Config& c) { c.limits.max_head = 1048576; }, true},
    {"--max-buf-size", "1048577", [](Config& c) { c.limits.max_head = 1048577; }, false},
    {"--max-headers", "0", [](Config& c) { c.limits.max_fields = 0; }, false},
    {"--max-headers", "1000", [](Config& c) { c.limits.max_fields = 1000; }, true},
    {"--max-headers", "1001", [](Config& c) { c.limits.max_fields = 1001; }, false},
    {"--max-body-size", "0", [](Config& c) { c.limits.max_body = 0; }, true},
    {"--max-body-size", "1073741824", [](Config& c) { c.limits.max_body = 1073741824; }, true},
    {"--max-body-size", "1073741825", [](Config& c) { c.limits.max_body = 1073741825; }, false},
    {"--max-body-size", "18446744073709551615", [](Config& c) { c.limits.max_body = UINT64_MAX; }, false},
    {"--min-rate", "0", [](Config& c) { c.limits.min_rate = 0; }, true},
    {"--min-rate", "1GiB", [](Config& c) { c.limits.min_rate = 1073741824; }, true},
    {"--min-rate", "1073741825", [](Config& c) { c.limits.min_rate = 1073741825; }, false},
    {"--max-requests", "1", [](Config& c) { c.limits.max_requests = 1; }, true},
    {"--max-requests", "4294967295", [](Config& c) { c.limits.max_requests = 4294967295; }, true},
    {"--max-requests", "none", [](Config& c) { c.limits.max_requests = 0; }, true},
    {"--max-connection-age", "1ms", [](Config& c) { c.timeouts.connection_age = 1ms; }, true},
    {"--max-connection-age", "None", [](Config& c) { c.timeouts.connection_age = 0ms; }, true},
    {"--max-connection-age", "-1ms", [](Config& c) { c.timeouts.connection_age = -1ms; }, false},
    {"--max-connection-age", "86400001ms", [](Config& c) { c.timeouts.connection_age = 24h + 1ms; }, false},
    {"--header-timeout", "0ms", [](Config& c) { c.timeouts.header = 0ms; }, false},
    {"--body-timeout", "1ms", [](Config& c) { c.timeouts.body = 1ms; }, true},
    {"--body-timeout", "86400001ms", [](Config& c) { c.timeouts.body = 24h + 1ms; }, false},
    {"--idle-timeout", "24h", [](Config& c) { c.timeouts.idle = 24h; }, true},
    {"--idle-timeout", "-5ms", [](Config& c) { c.timeouts.idle = -5ms; }, false},
    {"--write-timeout", "0s", [](Config& c) { c.timeouts.write = 0ms; }, false},
    {"--handler-timeout", "0s", [](Config& c) { c.timeouts.handler = 0ms; }, false},
    {"--trusted-proxies", "10.0.0.0/8,fd00::/8",
     [](Config& c) { c.trusted_proxies = {"10.0.0.0/8", "fd00::/8"}; }, true},
    {"--trusted-proxies", "10.0.0.0/33", [](Config& c) { c.trusted_proxies = {"10.0.0.0/33"}; }, false},
    {"--drain-timeout", "0s", [](Config& c) { c.timeouts.drain = std::chrono::milliseconds::max(); }, false},
    {"--jwt-secret", std::string(1024, 'x'), [](Config& c) { c.auth.secret.assign(1024, 'x'); }, true},
    {"--jwt-secret", std::string(1025, 'x'), [](Config& c) { c.auth.secret.assign(1025, 'x'); }, false},
    {"--jwt-secret", "two\nlines", [](Config& c) { c.auth.secret = "two\nlines"; }, false},
    {"--jwt-secret-previous", "\x7f", [](Config& c) { c.auth.previous_secret = "\x7f"; }, false},
    {"--jwt-expiry", "1s", [](Config& c) { c.auth.token_expiry = 1s; }, true},
    {"--jwt-expiry", "999ms", [](Config& c) { c.auth.token_expiry = 999ms; }, false},
    {"--jwt-expiry", "720h", [](Config& c) { c.auth.token_expiry = 720h; }, true},
    {"--jwt-expiry", "2592001s", [](Config& c) { c.auth.token_expiry = 720h + 1ms; }, false},
    {"--database-url", "sqlite://items.db", [](Config& c) { c.database.url = "sqlite://items.db"; }, true},
    {"--database-url", "mysql://host", [](Config& c) { c.database.url = "mysql://host"; }, false},
    {"--database-connections", "10000", [](Config& c) { c.database.connections = 10000; }, true},
    {"--database-connections", "10001", [](Config& c) { c.database.connections = 10001; }, false},
    {"--database-pipeline", "0", [](Config& c) { c.database.pipeline = 0; }, false},
    {"--database-pipeline", "1", [](Config& c) { c.database.pipeline = 1; }, true},
    {"--database-pipeline", "64", [](Config& c) { c.database.pipeline = 64; }, true},
    {"--database-pipeline", "65", [](Config& c) { c.database.pipeline = 65; }, false},
    {"--database-acquire-timeout", "0s", [](Config& c) { c.database.acquire_timeout = 0ms; }, false},
    {"--database-acquire-timeout", "4999ms", [](Config& c) { c.database.acquire_timeout = 4999ms; }, true},
    {"--database-acquire-timeout", "5s", [](Config& c) { c.database.acquire_timeout = 5s; }, false},
    {"--database-statement-timeout", "2s", [](Config& c) { c.database.statement_timeout = 2s; }, false},
    {"--database-statement-timeout", "2001ms", [](Config& c) { c.database.statement_timeout = 2001ms; },
     true},
    {"--database-statement-timeout", "59999ms", [](Config& c) { c.database.statement_timeout = 59999ms; },
     true},
    {"--database-statement-timeout", "60s", [](Config& c) { c.database.statement_timeout = 60s; }, false},
    {"--handler-timeout", "1ms", [](Config& c) { c.timeouts.handler = 1ms; }, true},
    {"--fast-routes", "prebuilt", [](Config& c) { c.fast_routes = ResponseClass::prebuilt; }, false},
    {"--fast-routes", "composed", [](Config& c) { c.fast_routes = ResponseClass::composed; }, true},
};

TEST(Config, has_the_ranges_of_the_command_line) {
  for (const Given& given : ends_of_ranges) {
    Config config;
    given.set(config);
    EXPECT_EQ(config.fault().empty(), given.is_accepted) << given.flag << ' ' << given.text << config.fault();
    EXPECT_EQ(cli::error_of({.flags = {given.flag, given.text}}).empty(), given.is_accepted)
        << given.flag << ' ' << given.text;
  }
}

TEST(Config, leaves_workers_and_connections_to_the_server_by_0) {
  Config config;
  config.workers = 0;
  config.max_connections = 0;
  config.max_memory = 0;
  config.send_buffer = 0;
  config.database.connections = 0;
  EXPECT_EQ(config.fault(), "");
}

TEST(Config, names_the_member_its_value_and_what_is_accepted) {
  Config config;
  config.workers = 2000;
  EXPECT_EQ(config.fault(), "workers: 2000 is not accepted; give 1..1024, or 0");
  config = {};
  config.limits.max_head = 0;
  EXPECT_EQ(config.fault(), "limits.max_head: 0 is not accepted; give 1024..1048576");
  config = {};
  config.timeouts.idle = -5ms;
  EXPECT_EQ(config.fault(), "timeouts.idle: -5 ms is not accepted; give 1..86400000 ms");
  config = {};
  config.database.url = "postgres://user:secret@host:port";
  EXPECT_EQ(config.fault().find("database.url: a port is a number in 1..65535"), 0U) << config.fault();
  config = {};
  config.database.acquire_timeout = 6s;
  EXPECT_EQ(config.fault(),
            "database.acquire_timeout: 6000 ms must be below database.statement_timeout: 5000 ms");
  config = {};
  config.database.statement_timeout = 4s;
  config.timeouts.handler = 3s;
  EXPECT_EQ(config.fault(), "database.statement_timeout: 4000 ms must be below timeouts.handler: 3000 ms");
  config = {};
  config.fast_routes = ResponseClass::prebuilt;
  EXPECT_EQ(config.fault(), "fast_routes: prebuilt contradicts mode: standard mode composes every response");
}

TEST(Server, refuses_a_config_that_the_command_line_would_refuse) {
  for (const Given& given : ends_of_ranges) {
    if (given.is_accepted) continue;
    Config config;
    config.port = 0;
    given.set(config);
    try {
      const Server server(config, Router());
      ADD_FAILURE() << given.flag << ' ' << given.text;
    } catch (const std::invalid_argument& error) {
      EXPECT_EQ(error.what(), "Config: " + config.fault());
    }
  }
}

}  // namespace
}  // namespace chopin
