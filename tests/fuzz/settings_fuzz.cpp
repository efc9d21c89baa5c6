// Settings from the environment and from flags. The input looks like /proc/PID/environ: NAME=VALUE, each
// ended by a NUL; a name that begins with -- is a flag. The values are also tried as every notation there is.
#include <arpa/inet.h>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "cli/notation.hpp"
#include "cli/settings.hpp"
#include "fuzz_target.hpp"
#include "require.hpp"

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

/// As each setting's `accepted` says.
void judge_settings(const cli::Settings& settings) {
  const Config& config = settings.config;
  require(config.host == "localhost" || is_address(config.host), "the host is an address");
  require(config.workers <= 1024, "workers");  // 0: not given
  require(config.backlog >= 1, "backlog");
  require(is_between(config.limits.max_head, 1024U, 1048576U), "max_head");
  require(is_between(config.limits.max_fields, 1U, 1000U), "max_fields");
  require(config.limits.max_body <= std::uint64_t{1} << 30, "max_body");
  for (const milliseconds timeout : {config.timeouts.header, config.timeouts.body, config.timeouts.idle,
                                     config.timeouts.write, config.timeouts.drain}) {
    require(is_between<milliseconds>(timeout, 1ms, 24h), "a timeout");
  }
  require(settings.mode == cli::Mode::standard || settings.mode == cli::Mode::performance, "the mode");
  require(is_between(settings.log_level, log::Level::trace, log::Level::off), "the log level");
}

/// Decimal digits, as to_number must read them.
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
  const auto number = cli::to_number(text);
  require(number == read_digits(text), "a number is its digits");
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
  require(!duration || !cli::to_number(text), "a duration has a unit");
  const std::string shouted = upper_case(text);
  require(cli::to_bool(text) == cli::to_bool(shouted), "a bool has no case");
  require(cli::to_size(text) == cli::to_size(shouted), "a size has no case");
  require(duration == cli::to_duration(shouted), "a duration has no case");
}

struct Sources {
  cli::Flags flags;
  std::map<std::string, std::string> environment;
};

void judge_setting(const cli::Setting& setting, const std::string& value) {
  cli::Settings settings;
  if (setting.apply(value, settings)) judge_settings(settings);
}

void add_entry(std::string_view entry, Sources& sources) {
  const std::size_t equals = entry.find('=');
  if (equals == std::string_view::npos) return;
  const std::string_view name = entry.substr(0, equals);
  const std::string value(entry.substr(equals + 1));
  judge_notation(value);
  for (const cli::Setting& setting : cli::all_settings()) {
    if (name != setting.flag && name != setting.variable) continue;
    judge_setting(setting, value);
    if (name == setting.flag) sources.flags[setting.flag] = value;
  }
  sources.environment[std::string(name)] = value;
}

void resolve(const Sources& sources) {
  try {
    const cli::Settings settings = cli::resolve(sources.flags, [&](const char* name) {
      const auto entry = sources.environment.find(name);
      return entry == sources.environment.end() ? nullptr : entry->second.c_str();
    });
    judge_settings(settings);
    require(settings.mode == cli::Mode::performance, "standard mode is refused");
  } catch (const cli::SettingsError& error) {
    const std::string_view message = error.what();
    require(!message.empty(), "an error says what is wrong");
    require(message.find_first_of("\r\n") == std::string_view::npos, "an error is one line");
  }
}

void run(std::string_view input) {
  Sources sources;
  while (!input.empty()) {
    const std::size_t end = std::min(input.find('\0'), input.size() - 1);
    const std::string_view entry = input.substr(0, end + 1);
    add_entry(entry.ends_with('\0') ? entry.substr(0, end) : entry, sources);
    input.remove_prefix(end + 1);
  }
  resolve(sources);
}

}  // namespace
}  // namespace chopin::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  chopin::fuzz::run({reinterpret_cast<const char*>(data), size});
  return 0;
}
