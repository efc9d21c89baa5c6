#include "cli/settings.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "cli/reading.hpp"
#include "harness/temporary_folder.hpp"

namespace chopin::cli {
namespace {

using namespace std::chrono_literals;

/// A file that holds the URL none.
std::string url_file() {
  static const test::TemporaryFolder folder;
  folder.write("url", "none\n");
  return folder.path() + "/url";
}

/// A file that holds the secret swordfish.
std::string secret_file() {
  static const test::TemporaryFolder folder;
  folder.write("secret", "swordfish\n");
  return folder.path() + "/secret";
}

/// A value other than the default, and what it changes.
struct Example {
  std::string text;
  void (*change)(Config& config);
};

const std::map<std::string_view, Example> examples{
    {"--host", {"::1", [](Config& c) { c.host = "::1"; }}},
    {"--port", {"4000", [](Config& c) { c.port = 4000; }}},
    {"--mode", {"performance", [](Config& c) { c.mode = Mode::performance; }}},
    {"--reuseport", {"true", [](Config& c) { c.mode = Mode::performance; }}},
    {"--fast-routes", {"composed", [](Config& c) { c.fast_routes = ResponseClass::composed; }}},
    {"--workers", {"3", [](Config& c) { c.workers = 3; }}},
    {"--pin-cpus", {"off", [](Config& c) { c.pin_cpus = false; }}},
    {"--environment", {"production", [](Config& c) { c.environment = Environment::production; }}},
    {"--log-level", {"error", [](Config& c) { c.log_level = LogLevel::error; }}},
    {"--log-format", {"json", [](Config& c) { c.log_format = LogFormat::json; }}},
    {"--backlog", {"128", [](Config& c) { c.backlog = 128; }}},
    {"--when-full", {"wait", [](Config& c) { c.when_full = WhenFull::wait; }}},
    {"--max-memory", {"256MiB", [](Config& c) { c.max_memory = std::uint64_t{256} * 1024 * 1024; }}},
    {"--max-connections", {"1000", [](Config& c) { c.max_connections = 1000; }}},
    {"--limit-per-address", {"20", [](Config& c) { c.limit_per_address = 20; }}},
    {"--requests-per-address", {"100", [](Config& c) { c.requests_per_address = 100; }}},
    {"--send-buffer", {"256K", [](Config& c) { c.send_buffer = 262144; }}},
    {"--max-buf-size", {"16K", [](Config& c) { c.limits.max_head = 16384; }}},
    {"--max-headers", {"7", [](Config& c) { c.limits.max_fields = 7; }}},
    {"--max-body-size", {"2MiB", [](Config& c) { c.limits.max_body = 2097152; }}},
    {"--min-rate", {"1K", [](Config& c) { c.limits.min_rate = 1024; }}},
    {"--max-requests", {"1000", [](Config& c) { c.limits.max_requests = 1000; }}},
    {"--max-connection-age", {"1h", [](Config& c) { c.timeouts.connection_age = 1h; }}},
    {"--head-memo", {"off", [](Config& c) { c.head_memo = false; }}},
    {"--head-scanner", {"off", [](Config& c) { c.head_scanner = false; }}},
    {"--header-timeout", {"1s", [](Config& c) { c.timeouts.header = 1s; }}},
    {"--body-timeout", {"2s", [](Config& c) { c.timeouts.body = 2s; }}},
    {"--idle-timeout", {"3m", [](Config& c) { c.timeouts.idle = 3min; }}},
    {"--write-timeout", {"4s", [](Config& c) { c.timeouts.write = 4s; }}},
    {"--trusted-proxies", {"10.0.0.0/8, ::1", [](Config& c) { c.trusted_proxies = {"10.0.0.0/8", "::1"}; }}},
    {"--handler-timeout", {"6s", [](Config& c) { c.timeouts.handler = 6s; }}},
    {"--drain-timeout", {"1500ms", [](Config& c) { c.timeouts.drain = 1500ms; }}},
    {"--database-url", {"sqlite://items.db", [](Config& c) { c.database.url = "sqlite://items.db"; }}},
    {"--database-url-file", {url_file(), [](Config& c) { c.database.url = "none"; }}},
    {"--database-connections", {"12", [](Config& c) { c.database.connections = 12; }}},
    {"--database-pipeline", {"1", [](Config& c) { c.database.pipeline = 1; }}},
    {"--database-acquire-timeout", {"1s", [](Config& c) { c.database.acquire_timeout = 1s; }}},
    {"--database-statement-timeout", {"7s", [](Config& c) { c.database.statement_timeout = 7s; }}},
    {"--database-migrate", {"on", [](Config& c) { c.database.migrate = true; }}},
    {"--jwt-secret", {"open sesame", [](Config& c) { c.auth.secret = "open sesame"; }}},
    {"--jwt-secret-file", {secret_file(), [](Config& c) { c.auth.secret = "swordfish"; }}},
    {"--jwt-secret-previous", {"s=3cret", [](Config& c) { c.auth.previous_secret = "s=3cret"; }}},
    {"--jwt-expiry", {"15m", [](Config& c) { c.auth.token_expiry = 15min; }}},
    {"--share-port", {"yes", [](Config& c) { c.share_port = true; }}},
    {"--metrics", {"on", [](Config& c) { c.metrics = true; }}},
};

enum class Origin : std::uint8_t { flag, variable, dotenv, config_file };
constexpr Origin strongest_first[] = {Origin::flag, Origin::variable, Origin::dotenv, Origin::config_file};

void give(Given& given, Origin origin, const Setting& setting, const std::string& text) {
  const std::string variable(setting.variable);
  switch (origin) {
    case Origin::flag: given.flags = {std::string(setting.flag), text}; break;
    case Origin::variable: given.environment = {{variable, text}}; break;
    case Origin::dotenv: given.dotenv = variable + "=" + text + "\n"; break;
    case Origin::config_file: given.config_file = std::string(setting.flag.substr(2)) + " = " + text + "\n";
  }
}

Config example_for(const Setting& setting) {
  Config config;
  examples.at(setting.flag).change(config);
  return config;
}

TEST(Settings, have_the_documented_defaults) {
  const std::set<std::string_view> said_in_words{
      "--fast-routes",     "--workers",    "--pin-cpus",          "--log-level",
      "--max-connections", "--max-memory", "--database-url-file", "--database-connections",
      "--send-buffer",     "--jwt-secret", "--jwt-secret-file",   "--jwt-secret-previous"};
  expect_same(settings({}), Config{}, "nothing given");
  for (const Setting& setting : all_settings()) {
    if (said_in_words.contains(setting.flag)) continue;
    Config config;
    EXPECT_TRUE(setting.apply(setting.fallback, config)) << setting.flag;
    expect_same(config, Config{}, std::string(setting.flag));
  }
}

TEST(Settings, not_given_depend_on_others) {
  const Config standard = settings({});
  EXPECT_EQ(standard.mode, Mode::standard);
  EXPECT_EQ(standard.response_class(), ResponseClass::composed);
  EXPECT_EQ(standard.least_logged(), LogLevel::info);
  const Config performance = settings({.flags = {"--mode", "performance"}});
  EXPECT_EQ(performance.response_class(), ResponseClass::prebuilt);
  EXPECT_EQ(settings({.flags = {"--environment", "production"}}).least_logged(), LogLevel::warn);
  EXPECT_EQ(settings({.flags = {"--environment", "test"}}).least_logged(), LogLevel::debug);
  EXPECT_EQ(settings({.flags = {"--environment", "test", "--log-level", "off"}}).least_logged(),
            LogLevel::off);
}

TEST(Settings, not_given_are_as_in_the_defaults_of_the_program) {
  Config defaults;
  defaults.port = 4000;
  defaults.mode = Mode::performance;
  defaults.fast_routes = ResponseClass::prebuilt;
  defaults.limits.max_body = 7;
  expect_same(settings({.defaults = defaults}), defaults, "nothing given");
  Config changed = defaults;
  changed.port = 5000;
  expect_same(settings({.flags = {"--port", "5000"}, .defaults = defaults}), changed, "--port");
  EXPECT_EQ(settings({.flags = {"--mode", "standard"}, .defaults = defaults}).fault(), "");
}

TEST(Settings, take_effect_from_every_source) {
  for (const Setting& setting : all_settings()) {
    ASSERT_TRUE(examples.contains(setting.flag)) << setting.flag;
    for (const Origin origin : strongest_first) {
      Given given;
      give(given, origin, setting, examples.at(setting.flag).text);
      expect_same(settings(given), example_for(setting), std::string(setting.flag));
    }
  }
}

TEST(Settings, come_from_flags_before_variables_before_dotenv_before_config_files) {
  for (const Setting& setting : all_settings()) {
    for (const Origin stronger : strongest_first) {
      Given given;
      for (const Origin weaker : strongest_first) {
        if (weaker > stronger) give(given, weaker, setting, "overruled, so nobody minds");
      }
      give(given, stronger, setting, examples.at(setting.flag).text);
      expect_same(settings(given), example_for(setting), std::string(setting.flag));
    }
  }
}

TEST(Settings, may_have_the_prefix_which_beats_the_bare_name_in_the_same_place) {
  for (const Setting& setting : all_settings()) {
    const std::string variable(setting.variable);
    const std::string& text = examples.at(setting.flag).text;
    for (const Given& given :
         {Given{.environment = {{"CHOPIN_" + variable, text}, {variable, "overruled"}}},
          Given{.dotenv = variable + "=overruled\nCHOPIN_" + variable + "=" + text + "\n"},
          Given{.environment = {{variable, text}}, .dotenv = "CHOPIN_" + variable + "=overruled\n"},
          Given{.environment = {{"CHOPIN_" + variable, ""}, {variable, text}}}}) {
      expect_same(settings(given), example_for(setting), variable);
      EXPECT_EQ(warnings_of(given), Warnings{}) << variable;
    }
  }
  EXPECT_EQ(error_of({.environment = {{"CHOPIN_SERVER_PORT", "x"}}}),
            "CHOPIN_SERVER_PORT: 'x' is not accepted; give 0..65535");
}

}  // namespace
}  // namespace chopin::cli
