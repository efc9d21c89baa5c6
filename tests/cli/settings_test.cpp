#include "cli/settings.hpp"

#include <chrono>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

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

TEST(Settings, ignore_empty_variables) {
  EXPECT_EQ(settings({.environment = {{"SERVER_PORT", ""}}}).port, 3000);
  EXPECT_EQ(settings({.environment = {{"SERVER_PORT", ""}}, .dotenv = "SERVER_PORT=4000"}).port, 4000);
  EXPECT_EQ(settings({.dotenv = "SERVER_PORT=\n", .config_file = "port = 5000"}).port, 5000);
}

TEST(Settings, accept_choices_in_any_case) {
  for (const char* name : {"performance", "perf", "fast", "Performance", "PERF"}) {
    EXPECT_EQ(settings({.flags = {"--mode", name}}).mode, Mode::performance) << name;
  }
  for (const char* yes : {"true", "1", "yes", "on", "TRUE"}) {
    EXPECT_EQ(settings({.flags = {"--reuseport", yes}}).mode, Mode::performance) << yes;
  }
  EXPECT_EQ(settings({.flags = {"--mode", "Standard"}}).mode, Mode::standard);
  EXPECT_EQ(settings({.flags = {"--fast-routes", "COMPOSED"}}).fast_routes, ResponseClass::composed);
  EXPECT_EQ(settings({.flags = {"--environment", "Test"}}).environment, Environment::test);
  EXPECT_EQ(settings({.flags = {"--log-level", "WARN"}}).log_level, LogLevel::warn);
  EXPECT_EQ(settings({.flags = {"--log-format", "JSON"}}).log_format, LogFormat::json);
}

TEST(Settings, have_synonyms_that_other_programs_use) {
  EXPECT_EQ(settings({.environment = {{"LOG_LEVEL", "warning"}}}).log_level, LogLevel::warn);
  EXPECT_EQ(settings({.environment = {{"LOG_LEVEL", "ERR"}}}).log_level, LogLevel::error);
  EXPECT_EQ(settings({.environment = {{"LOG_LEVEL", "Fatal"}}}).log_level, LogLevel::critical);
  EXPECT_EQ(settings({.environment = {{"ENVIRONMENT", "prod"}}}).environment, Environment::production);
  EXPECT_EQ(settings({.environment = {{"ENVIRONMENT", "Dev"}}}).environment, Environment::development);
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

TEST(Settings, warn_of_names_with_the_prefix_that_no_setting_has) {
  EXPECT_EQ(warnings_of({.environment = {{"CHOPIN_PORT", "1"}, {"SERVR_PORT", "1"}, {"CHOPINX", "1"}}}),
            Warnings{"CHOPIN_PORT: there is no such setting"});
  EXPECT_EQ(warnings_of({.dotenv = "CHOPIN_MODE=fast\nCHOPIN_=1\n"}),
            (Warnings{"CHOPIN_ in .env: there is no such setting",
                      "CHOPIN_MODE in .env: there is no such setting"}));
  std::map<std::string, std::string> many;
  for (char c = 'A'; c <= 'Z'; ++c) many[std::string("CHOPIN_") + c] = "1";
  EXPECT_EQ(warnings_of({.environment = many}).size(), 9U);
  EXPECT_EQ(warnings_of({.environment = many}).back(), "and 18 more such names");
}

TEST(Settings, ignore_the_variables_that_kubernetes_makes_of_a_service_called_chopin) {
  EXPECT_EQ(warnings_of({.environment = {{"CHOPIN_SERVICE_HOST", "10.0.0.1"},
                                         {"CHOPIN_SERVICE_PORT", "80"},
                                         {"CHOPIN_PORT", "tcp://10.0.0.1:80"},
                                         {"CHOPIN_PORT_80_TCP_ADDR", "10.0.0.1"}}}),
            Warnings{});
}

TEST(Settings, say_where_the_address_of_a_service_comes_from) {
  EXPECT_EQ(
      error_of({.environment = {{"SERVER_PORT", "tcp://10.0.0.1:3000"}}}),
      "SERVER_PORT: 'tcp://10.0.0.1:3000' is not accepted; give 0..65535 (Kubernetes sets it for a service "
      "called 'server': enableServiceLinks: false, or CHOPIN_SERVER_PORT helps)");
  EXPECT_EQ(
      error_of({.environment = {{"CHOPIN_SERVER_PORT", "tcp://10.0.0.1:3000"}}}),
      "CHOPIN_SERVER_PORT: 'tcp://10.0.0.1:3000' is not accepted; give 0..65535 (Kubernetes sets it for a "
      "service called 'chopin-server': enableServiceLinks: false helps)");
  EXPECT_EQ(
      settings({.environment = {{"SERVER_PORT", "tcp://10.0.0.1:3000"}, {"CHOPIN_SERVER_PORT", "4000"}}})
          .port,
      4000);
}

TEST(Settings, say_that_quotes_and_white_space_belong_to_the_value) {
  EXPECT_EQ(error_of({.environment = {{"SERVER_PORT", "\"4305\""}}}),
            "SERVER_PORT: '\"4305\"' is not accepted; give 0..65535 (the quotes are part of the value)");
  EXPECT_EQ(
      error_of({.environment = {{"SERVER_MODE", "'performance'"}}}),
      "SERVER_MODE: ''performance'' is not accepted; give standard, performance (perf, fast) (the quotes "
      "are part of the value)");
  EXPECT_EQ(error_of({.environment = {{"SERVER_PORT", "4305 "}}}),
            "SERVER_PORT: '4305 ' is not accepted; give 0..65535 (the white space is part of the value)");
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

TEST(Settings, report_a_wrong_value_with_its_place_and_what_is_accepted) {
  EXPECT_EQ(error_of({.flags = {"--port", "65536"}}), "--port: '65536' is not accepted; give 0..65535");
  EXPECT_EQ(error_of({.environment = {{"SERVER_PORT", "x"}}}),
            "SERVER_PORT: 'x' is not accepted; give 0..65535");
  EXPECT_EQ(error_of({.dotenv = "SERVER_PORT=x"}), "SERVER_PORT in .env: 'x' is not accepted; give 0..65535");
  EXPECT_EQ(error_of({.config_file = "port = x"}), "port in chopin.conf: 'x' is not accepted; give 0..65535");
  EXPECT_EQ(error_of({.flags = {"--host", "example.com"}}),
            "--host: 'example.com' is not accepted; give an IPv4 or IPv6 literal, or localhost");
  EXPECT_EQ(error_of({.environment = {{"REUSEPORT", "2"}}}),
            "REUSEPORT: '2' is not accepted; give true 1 yes on, or false 0 no off");
  EXPECT_EQ(error_of({.flags = {"--idle-timeout", "0s"}}),
            "--idle-timeout: '0s' is not accepted; give 1ms..24h, as 500ms, 10s, 2m or 1h");
  EXPECT_EQ(error_of({.environment = {{"SERVER_PORT", "1\n\x1b[2J"}}}),
            "SERVER_PORT: '1??[2J' is not accepted; give 0..65535");
}

TEST(Settings, enforce_the_ends_of_their_range) {
  const std::vector<std::pair<std::string, std::pair<std::string, std::string>>> ranges{
      {"--port", {"0", "65535"}},
      {"--workers", {"1", "1024"}},
      {"--backlog", {"1", "65535"}},
      {"--max-connections", {"1", "4294967295"}},
      {"--max-memory", {"16MiB", "1048576GiB"}},
      {"--max-buf-size", {"1024", "1048576"}},
      {"--max-headers", {"1", "1000"}},
      {"--max-body-size", {"0", "1GiB"}},
      {"--header-timeout", {"1ms", "24h"}},
      {"--drain-timeout", {"1ms", "24h"}},
      {"--database-connections", {"1", "10000"}},
      {"--database-pipeline", {"1", "64"}},
      {"--jwt-expiry", {"1s", "720h"}}};
  for (const auto& [flag, range] : ranges) {
    EXPECT_EQ(error_of({.flags = {flag, range.first}}), "");
    EXPECT_EQ(error_of({.flags = {flag, range.second}}), "");
  }
  const std::vector<std::pair<std::string, std::string>> beyond{{"--port", "65536"},
                                                                {"--workers", "0"},
                                                                {"--workers", "1025"},
                                                                {"--backlog", "0"},
                                                                {"--backlog", "65536"},
                                                                {"--max-connections", "0"},
                                                                {"--max-connections", "4294967296"},
                                                                {"--max-memory", "16777215"},
                                                                {"--when-full", "hang"},
                                                                {"--max-buf-size", "1023"},
                                                                {"--max-buf-size", "1048577"},
                                                                {"--max-headers", "0"},
                                                                {"--max-headers", "1001"},
                                                                {"--max-body-size", "1073741825"},
                                                                {"--header-timeout", "0ms"},
                                                                {"--drain-timeout", "86400001ms"},
                                                                {"--mode", "turbo"},
                                                                {"--fast-routes", "none"},
                                                                {"--environment", "staging"},
                                                                {"--log-level", "loud"},
                                                                {"--log-format", "xml"},
                                                                {"--pin-cpus", "maybe"},
                                                                {"--database-connections", "0"},
                                                                {"--database-connections", "10001"},
                                                                {"--database-pipeline", "0"},
                                                                {"--database-pipeline", "65"},
                                                                {"--database-acquire-timeout", "0s"},
                                                                {"--database-statement-timeout", "25h"},
                                                                {"--database-migrate", "perhaps"},
                                                                {"--jwt-expiry", "999ms"},
                                                                {"--jwt-expiry", "721h"},
                                                                {"--jwt-expiry", "3600"}};
  for (const auto& [flag, value] : beyond) {
    const std::string start = flag + ": '" + value + "' is not accepted; give ";
    EXPECT_TRUE(error_of({.flags = {flag, value}}).starts_with(start)) << start;
  }
}

TEST(Settings, refuse_standard_mode_with_reuseport_and_name_the_place_of_both) {
  const std::string reason = ": standard mode has one listening socket";
  EXPECT_EQ(error_of({.flags = {"--mode", "standard"}, .environment = {{"REUSEPORT", "true"}}}),
            "--mode=standard contradicts REUSEPORT=true" + reason);
  EXPECT_EQ(error_of({.dotenv = "REUSEPORT=yes", .config_file = "mode = Standard"}),
            "mode=Standard in chopin.conf contradicts REUSEPORT=yes in .env" + reason);
}

TEST(Settings, refuse_standard_mode_with_prebuilt_responses_and_name_the_place_of_both) {
  const std::string reason = ": standard mode composes every response";
  EXPECT_EQ(error_of({.environment = {{"SERVER_MODE", "standard"}}, .dotenv = "FAST_ROUTES=prebuilt"}),
            "SERVER_MODE=standard contradicts FAST_ROUTES=prebuilt in .env" + reason);
  EXPECT_EQ(error_of({.flags = {"--fast-routes", "prebuilt"}}),
            "SERVER_MODE=standard (the default) contradicts --fast-routes=prebuilt" + reason);
}

TEST(Settings, contradict_each_other_only_if_both_are_in_force) {
  EXPECT_EQ(settings({.environment = {{"REUSEPORT", "true"}}}).mode, Mode::performance);
  EXPECT_EQ(settings({.flags = {"--mode", "fast", "--reuseport", "false"}}).mode, Mode::performance);
  EXPECT_EQ(settings({.flags = {"--reuseport", "no"}, .dotenv = "REUSEPORT=true\nSERVER_MODE=standard"}).mode,
            Mode::standard);
  EXPECT_EQ(settings({.flags = {"--fast-routes", "prebuilt", "--reuseport"}}).response_class(),
            ResponseClass::prebuilt);
  EXPECT_EQ(settings({.flags = {"--fast-routes", "composed", "--reuseport"}}).response_class(),
            ResponseClass::composed);
  EXPECT_EQ(settings({.flags = {"--fast-routes", "composed"}}).response_class(), ResponseClass::composed);
}

}  // namespace
}  // namespace chopin::cli
