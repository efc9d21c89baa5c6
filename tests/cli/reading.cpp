#include "cli/reading.hpp"

#include <gtest/gtest.h>

#include "harness/temporary_folder.hpp"

namespace chopin::cli {

CommandLine read(const Given& given) {
  const test::TemporaryFolder folder;
  std::vector<const char*> arguments{"chopin"};
  for (const std::string& flag : given.flags) arguments.push_back(flag.c_str());
  if (given.dotenv) folder.write(".env", *given.dotenv);
  if (given.config_file) {
    folder.write("chopin.conf", *given.config_file);
    arguments.insert(arguments.end(), {"--config", "chopin.conf"});
  }
  return read_command_line(static_cast<int>(arguments.size()), arguments.data(), given.environment,
                           folder.path(), given.defaults);
}

Config settings(const Given& given) {
  return std::get<ServerWanted>(read(given)).config;
}

Warnings warnings_of(const Given& given) {
  return std::get<ServerWanted>(read(given)).warnings;
}

std::string error_of(const Given& given) {
  try {
    read(given);
    return {};
  } catch (const SettingsError& error) {
    return error.what();
  }
}

void expect_same(const Config& actual, const Config& expected, const std::string& what) {
  EXPECT_EQ(actual.host, expected.host) << what;
  EXPECT_EQ(actual.port, expected.port) << what;
  EXPECT_EQ(actual.mode, expected.mode) << what;
  EXPECT_EQ(actual.fast_routes, expected.fast_routes) << what;
  EXPECT_EQ(actual.workers, expected.workers) << what;
  EXPECT_EQ(actual.pin_cpus, expected.pin_cpus) << what;
  EXPECT_EQ(actual.environment, expected.environment) << what;
  EXPECT_EQ(actual.log_level, expected.log_level) << what;
  EXPECT_EQ(actual.log_format, expected.log_format) << what;
  EXPECT_EQ(actual.backlog, expected.backlog) << what;
  EXPECT_EQ(actual.max_connections, expected.max_connections) << what;
  EXPECT_EQ(actual.when_full, expected.when_full) << what;
  EXPECT_EQ(actual.max_memory, expected.max_memory) << what;
  EXPECT_EQ(actual.limit_per_address, expected.limit_per_address) << what;
  EXPECT_EQ(actual.requests_per_address, expected.requests_per_address) << what;
  EXPECT_EQ(actual.send_buffer, expected.send_buffer) << what;
  EXPECT_EQ(actual.share_port, expected.share_port) << what;
  EXPECT_EQ(actual.metrics, expected.metrics) << what;
  EXPECT_EQ(actual.head_memo, expected.head_memo) << what;
  EXPECT_EQ(actual.head_scanner, expected.head_scanner) << what;
  EXPECT_EQ(actual.limits.max_head, expected.limits.max_head) << what;
  EXPECT_EQ(actual.limits.max_fields, expected.limits.max_fields) << what;
  EXPECT_EQ(actual.limits.max_body, expected.limits.max_body) << what;
  EXPECT_EQ(actual.limits.min_rate, expected.limits.min_rate) << what;
  EXPECT_EQ(actual.limits.max_requests, expected.limits.max_requests) << what;
  EXPECT_EQ(actual.timeouts.connection_age, expected.timeouts.connection_age) << what;
  EXPECT_EQ(actual.timeouts.header, expected.timeouts.header) << what;
  EXPECT_EQ(actual.timeouts.body, expected.timeouts.body) << what;
  EXPECT_EQ(actual.timeouts.idle, expected.timeouts.idle) << what;
  EXPECT_EQ(actual.timeouts.write, expected.timeouts.write) << what;
  EXPECT_EQ(actual.timeouts.handler, expected.timeouts.handler) << what;
  EXPECT_EQ(actual.trusted_proxies, expected.trusted_proxies) << what;
  EXPECT_EQ(actual.timeouts.drain, expected.timeouts.drain) << what;
  EXPECT_EQ(actual.database.url, expected.database.url) << what;
  EXPECT_EQ(actual.database.connections, expected.database.connections) << what;
  EXPECT_EQ(actual.database.pipeline, expected.database.pipeline) << what;
  EXPECT_EQ(actual.database.acquire_timeout, expected.database.acquire_timeout) << what;
  EXPECT_EQ(actual.database.statement_timeout, expected.database.statement_timeout) << what;
  EXPECT_EQ(actual.database.migrate, expected.database.migrate) << what;
  EXPECT_EQ(actual.auth.secret, expected.auth.secret) << what;
  EXPECT_EQ(actual.auth.previous_secret, expected.auth.previous_secret) << what;
  EXPECT_EQ(actual.auth.token_expiry, expected.auth.token_expiry) << what;
}

}  // namespace chopin::cli
