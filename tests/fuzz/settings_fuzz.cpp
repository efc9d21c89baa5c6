// Settings from all four sources. The input looks like /proc/PID/environ: NAME=VALUE, each ended by a NUL. A
// name that begins with -- is a flag; the value of ".env" or of "chopin.conf" is the contents of that file.
// The values are also parsed in every notation.
#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

#include "cli/config_file.hpp"
#include "cli/dotenv.hpp"
#include "cli/notation.hpp"
#include "cli/settings.hpp"
#include "cli/settings_error.hpp"
#include "cli/sources.hpp"
#include "data/database_url.hpp"
#include "fuzz_target.hpp"
#include "require.hpp"
#include "text/number.hpp"

namespace chopin::fuzz {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

template <class Number>
bool is_between(Number value, Number least, Number most) {
  return least <= value && value <= most;
}

bool is_address(const std::string& host) {
  std::array<unsigned char, sizeof(in6_addr)> address{};
  const std::string without_zone = host.substr(0, host.find('%'));  // of a link-local IPv6 address
  return inet_pton(AF_INET, host.c_str(), address.data()) == 1 ||
         inet_pton(AF_INET6, without_zone.c_str(), address.data()) == 1;
}

/// What is shown instead is as harmless as it is short, and names the same place.
void judge_database_url(const std::string& text) {
  const data::DatabaseUrl url = data::parse_database_url(text);
  require(url.shown.find_first_of("\r\n\x1b") == std::string::npos, "what is shown is one line");
  if (url.kind != data::DatabaseUrl::Kind::postgres) return;
  if (url.shown.size() > data::DatabaseUrl::max_size) return;  // more of it is percent-encoded
  const data::DatabaseUrl shown = data::parse_database_url(url.shown);
  require(!shown.has_password, "no password is shown");
  require(shown.shown == url.shown, "what is shown is a URL of the same place");
}

/// Checks each value against its setting's `accepted`.
void judge(const Config& config) {
  require(config.host == "localhost" || is_address(config.host), "the host is an address");
  require(config.workers <= 1024, "workers");  // 0: not given
  require(config.backlog >= 1, "backlog");
  require(config.max_memory == 0 ||
              is_between(config.max_memory, ranges::max_memory.least, ranges::max_memory.most),
          "max_memory");
  require(is_between(config.when_full, WhenFull::refuse, WhenFull::wait), "when_full");
  require(config.send_buffer == 0 || is_between(config.send_buffer, 4096U, 1U << 30), "send_buffer");
  require(is_between(config.limits.max_head, 1024U, 1048576U), "max_head");
  require(is_between(config.limits.max_fields, 1U, 1000U), "max_fields");
  require(config.limits.max_body <= std::uint64_t{1} << 30, "max_body");
  for (const milliseconds timeout : {config.timeouts.header, config.timeouts.body, config.timeouts.idle,
                                     config.timeouts.write, config.timeouts.handler, config.timeouts.drain}) {
    require(is_between<milliseconds>(timeout, 1ms, 24h), "a timeout");
  }
  require(config.limits.min_rate <= 1U << 30, "min_rate");
  require(is_between<milliseconds>(config.timeouts.connection_age, 0ms, 24h), "the age of a connection");
  for (const milliseconds timeout : {config.database.acquire_timeout, config.database.statement_timeout}) {
    require(is_between<milliseconds>(timeout, 1ms, 24h), "a timeout of the database");
  }
  require(config.database.connections <= 10000, "connections of the database");  // 0: not given
  require(is_between(config.database.pipeline, 1U, 64U), "the pipeline");
  judge_database_url(config.database.url);
  for (const std::string& secret : {config.auth.secret, config.auth.previous_secret}) {
    require(secret.size() <= 1024 && secret.find('\n') == std::string::npos, "a secret is a line");
  }
  require(is_between<milliseconds>(config.auth.token_expiry, 1s, 720h), "the expiry of tokens");
  require(is_between(config.mode, Mode::standard, Mode::performance), "the mode");
  require(is_between(config.response_class(), ResponseClass::prebuilt, ResponseClass::composed), "the class");
  require(is_between(config.environment, Environment::development, Environment::test), "the environment");
  require(is_between(config.least_logged(), LogLevel::trace, LogLevel::off), "the log level");
  require(is_between(config.log_format, LogFormat::text, LogFormat::json), "the log format");
}

/// The number that text::to_number must read.
std::optional<std::uint64_t> read_digits(std::string_view text) {
  if (text.empty()) return std::nullopt;
  std::uint64_t number = 0;
  for (const char c : text) {
    if (!is_between(c, '0', '9')) return std::nullopt;
    const auto digit = static_cast<std::uint64_t>(c - '0');
    if (number > (UINT64_MAX - digit) / 10) return std::nullopt;
    number = number * 10 + digit;
  }
  return number;
}

std::string upper_case(std::string text) {
  for (char& c : text) {
    if (is_between(c, 'a', 'z')) c = static_cast<char>(c - 'a' + 'A');
  }
  return text;
}

void judge_numbers(const std::string& text) {
  const auto number = text::to_number(text);
  require(number == read_digits(text), "a number has the value of its digits");
  const auto size = cli::to_size(text);
  require(!number || size == number, "a number alone is a size in bytes");
  require(!size || is_between(text.front(), '0', '9'), "a size begins with a digit");
  if (!number) return;
  const auto kibibytes = cli::to_size(text + "KiB");
  require(*number > UINT64_MAX / 1024 ? !kibibytes : kibibytes == *number * 1024, "1 KiB is 1024 bytes");
  const auto seconds = cli::to_duration(text + "s");
  require(!seconds || *seconds == cli::to_duration(text + "000ms"), "1 s is 1000 ms");
}

void judge_notation(const std::string& text) {
  judge_numbers(text);
  const auto duration = cli::to_duration(text);
  require(!duration || is_between<milliseconds>(*duration, 0ms, 1000h), "a duration can be added to a clock");
  require(!duration || !text::to_number(text), "a duration has a unit");
  const std::string shouted = upper_case(text);
  require(cli::to_bool(text) == cli::to_bool(shouted), "a bool ignores case");
  require(cli::to_size(text) == cli::to_size(shouted), "a size ignores case");
  require(duration == cli::to_duration(shouted), "a duration ignores case");
}

using Values = std::map<std::string, std::string>;

struct Given {
  cli::Flags flags;
  Values environment;
  Values dotenv;
  Values config_file;
};

/// Calls a function that may refuse a setting, and checks the error.
template <class Call>
void try_to(Call call) {
  try {
    call();
  } catch (const cli::SettingsError& error) {
    const std::string_view message = error.what();
    require(!message.empty(), "an error says what is wrong");
    require(message.find_first_of("\r\n\x1b") == std::string_view::npos, "an error is one line");
  }
}

/// Every name and value must occur verbatim in the text, unless there are escapes. A key alone means "true".
void judge_file(const Values& values, std::string_view text) {
  const bool has_escapes = text.find('\\') != std::string_view::npos;
  for (const auto& [name, value] : values) {
    require(text.find(name) != std::string_view::npos, "a name occurs in the file");
    require(has_escapes || value == "true" || text.find(value) != std::string_view::npos,
            "a value occurs in the file");
  }
}

void judge_rewritten(const Values& values) {
  std::string text;
  for (const auto& [name, value] : values) {
    text += name + "=\"";
    for (const char c : value) {
      if (c == '"' || c == '\\') text += '\\';
      text += c;
    }
    text += "\"\n";
  }
  require(cli::parse_dotenv(text).values == values, "values survive being written and read again");
}

void add_dotenv(const std::string& text, Given& given) {
  try_to([&] {
    given.dotenv = cli::parse_dotenv(text).values;
    judge_file(given.dotenv, text);
    judge_rewritten(given.dotenv);
  });
}

void add_config_file(const std::string& text, Given& given) {
  try_to([&] {
    given.config_file = cli::parse_config_file(text, "chopin.conf");
    judge_file(given.config_file, text);
  });
}

/// A reason may hold any bytes of the value: only in a SettingsError is it one line, as `resolve` makes it.
void judge_setting(const cli::Setting& setting, const std::string& value) {
  try {
    Config config;
    if (setting.apply(value, config)) judge(config);
  } catch (const std::invalid_argument& error) {
    require(!std::string_view(error.what()).empty(), "a reason says what is wrong");
  }
}

void add_value(const std::string& name, const std::string& value, Given& given) {
  judge_notation(value);
  for (const cli::Setting& setting : cli::all_settings()) {
    if (name != setting.flag && name != setting.variable) continue;
    judge_setting(setting, value);
    if (name == setting.flag) given.flags[setting.flag] = value;
  }
  given.environment[name] = value;
}

void add_entry(std::string_view entry, Given& given) {
  const std::size_t equals = entry.find('=');
  if (equals == std::string_view::npos) return;
  const std::string name(entry.substr(0, equals));
  const std::string value(entry.substr(equals + 1));
  if (name == ".env")
    add_dotenv(value, given);
  else if (name == "chopin.conf")
    add_config_file(value, given);
  else
    add_value(name, value, given);
}

cli::Source from(const Values& values, std::string_view cli::Setting::* name) {
  return [&values, name](const cli::Setting& setting) -> std::optional<cli::Value> {
    const auto value = values.find(std::string(setting.*name));
    if (value == values.end()) return std::nullopt;
    return cli::Value{value->second, value->first, "a file"};
  };
}

void resolve(const Given& given) {
  cli::Warnings warnings;
  Values keys;
  for (const auto& [key, value] : given.config_file) keys["--" + key] = value;
  try_to([&] {
    const cli::Source sources[] = {
        cli::from_flags(given.flags), cli::from_environment(given.environment, warnings),
        from(given.dotenv, &cli::Setting::variable), from(keys, &cli::Setting::flag)};
    const Config config = cli::resolve(sources);
    judge(config);
    require(config.database.has_default_timeouts() ||
                (config.database.acquire_timeout < config.database.statement_timeout &&
                 config.database.statement_timeout < config.timeouts.handler),
            "the timeouts of the database are in order");
    require(config.mode == Mode::performance || config.fast_routes != ResponseClass::prebuilt,
            "standard mode is composed");
  });
}

void run(std::string_view input) {
  Given given;
  while (!input.empty()) {
    const std::size_t end = std::min(input.find('\0'), input.size() - 1);
    const std::string_view entry = input.substr(0, end + 1);
    add_entry(entry.ends_with('\0') ? entry.substr(0, end) : entry, given);
    input.remove_prefix(end + 1);
  }
  resolve(given);
}

}  // namespace
}  // namespace chopin::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  chopin::fuzz::run({reinterpret_cast<const char*>(data), size});
  return 0;
}
