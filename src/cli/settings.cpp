#include "cli/settings.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <optional>

#include <boost/asio/ip/address.hpp>
#include <fmt/core.h>

#include "cli/notation.hpp"
#include "http/characters.hpp"

namespace chopin::cli {
namespace {

using http::equals_ignoring_case;

/// Stores a whole number within bounds.
template <class Number>
bool store_number(std::optional<std::uint64_t> value, std::uint64_t least, std::uint64_t most,
                  Number& target) {
  if (!value || *value < least || *value > most) return false;
  target = static_cast<Number>(*value);
  return true;
}

bool store_bool(std::string_view text, bool& target) {
  const auto value = to_bool(text);
  if (value) target = *value;
  return value.has_value();
}

bool store_timeout(std::string_view text, std::chrono::milliseconds& target) {
  constexpr std::chrono::hours longest{24};
  const auto value = to_duration(text);
  if (!value || value->count() == 0 || *value > longest) return false;
  target = *value;
  return true;
}

bool store_host(std::string_view text, Settings& settings) {
  boost::system::error_code ec;
  boost::asio::ip::make_address(std::string(text), ec);
  if (ec && text != "localhost") return false;
  settings.config.host = text;
  return true;
}

bool store_mode(std::string_view text, Settings& settings) {
  if (equals_ignoring_case(text, "standard")) {
    settings.mode = Mode::standard;
    return true;
  }
  for (const std::string_view name : {"performance", "perf", "fast"}) {
    if (!equals_ignoring_case(text, name)) continue;
    settings.mode = Mode::performance;
    return true;
  }
  return false;
}

bool store_log_level(std::string_view text, Settings& settings) {
  constexpr std::array<std::string_view, 7> names{"trace", "debug",    "info", "warn",
                                                  "error", "critical", "off"};
  const auto* const name = std::ranges::find_if(
      names, [text](std::string_view known) { return equals_ignoring_case(known, text); });
  if (name == names.end()) return false;
  settings.log_level = static_cast<log::Level>(name - names.begin());
  return true;
}

constexpr std::string_view any_bool = "true 1 yes on, or false 0 no off";
constexpr std::string_view any_timeout = "1ms..24h, as 500ms, 10s, 2m or 1h";
constexpr std::string_view mode_flag = "--mode";
constexpr std::string_view mode_variable = "SERVER_MODE";
constexpr std::string_view reuseport_flag = "--reuseport";
constexpr std::string_view reuseport_variable = "REUSEPORT";

constexpr Setting table[] = {
    {"--host", "SERVER_HOST", "an IPv4 or IPv6 literal, or localhost", "address to listen on", "127.0.0.1",
     false, store_host},
    {"--port", "SERVER_PORT", "0..65535", "port to listen on; 0 lets the kernel choose", "3000", false,
     [](std::string_view text, Settings& s) {
       return store_number(to_number(text), 0, 65535, s.config.port);
     }},
    {mode_flag, mode_variable, "standard, performance (perf, fast)",
     "how connections are accepted and served", "standard", false, store_mode},
    {reuseport_flag, reuseport_variable, any_bool, "true chooses performance mode", "false", true,
     [](std::string_view text, Settings& s) {
       const auto value = to_bool(text);
       if (value && *value) s.mode = Mode::performance;
       return value.has_value();
     }},
    {"--workers", "SERVER_WORKERS", "1..1024", "threads that serve", "the CPUs this process may use", false,
     [](std::string_view text, Settings& s) {
       return store_number(to_number(text), 1, 1024, s.config.workers);
     }},
    {"--pin-cpus", "SERVER_PIN_CPUS", any_bool, "bind each worker to a CPU", "true", true,
     [](std::string_view text, Settings& s) { return store_bool(text, s.config.pin_cpus); }},
    {"--log-level", "LOG_LEVEL", "trace, debug, info, warn, error, critical, off", "least severe line logged",
     "info", false, store_log_level},
    {"--backlog", "SERVER_BACKLOG", "1..65535", "connections the kernel queues for each worker", "8192",
     false,
     [](std::string_view text, Settings& s) {
       return store_number(to_number(text), 1, 65535, s.config.backlog);
     }},
    {"--max-buf-size", "HTTP_MAX_BUF_SIZE", "1024..1048576 bytes, as 8192, 8K or 1MiB",
     "largest request head", "8K", false,
     [](std::string_view text, Settings& s) {
       return store_number(to_size(text), 1024, 1048576, s.config.limits.max_head);
     }},
    {"--max-headers", "HTTP_MAX_HEADERS", "1..1000", "most fields in one request head", "100", false,
     [](std::string_view text, Settings& s) {
       return store_number(to_number(text), 1, 1000, s.config.limits.max_fields);
     }},
    {"--max-body-size", "HTTP_MAX_BODY_SIZE", "0..1GiB, as 65536, 64K or 1MiB", "largest request body",
     "1MiB", false,
     [](std::string_view text, Settings& s) {
       return store_number(to_size(text), 0, std::uint64_t{1024} * 1024 * 1024, s.config.limits.max_body);
     }},
    {"--header-timeout", "HTTP_HEADER_TIMEOUT", any_timeout,
     "from the first byte of a request head, or the accept, to its end", "10s", false,
     [](std::string_view text, Settings& s) { return store_timeout(text, s.config.timeouts.header); }},
    {"--body-timeout", "HTTP_BODY_TIMEOUT", any_timeout, "between two reads of a body", "30s", false,
     [](std::string_view text, Settings& s) { return store_timeout(text, s.config.timeouts.body); }},
    {"--idle-timeout", "HTTP_IDLE_TIMEOUT", any_timeout, "keep-alive connection without a request", "65s",
     false, [](std::string_view text, Settings& s) { return store_timeout(text, s.config.timeouts.idle); }},
    {"--write-timeout", "HTTP_WRITE_TIMEOUT", any_timeout, "peer that does not read its answers", "30s",
     false, [](std::string_view text, Settings& s) { return store_timeout(text, s.config.timeouts.write); }},
    {"--drain-timeout", "DRAIN_TIMEOUT", any_timeout, "shutdown, until what is in flight is cut", "10s",
     false, [](std::string_view text, Settings& s) { return store_timeout(text, s.config.timeouts.drain); }},
    {"--share-port", "SHARE_PORT", any_bool, "let another server listen on the same port", "false", true,
     [](std::string_view text, Settings& s) { return store_bool(text, s.config.share_port); }},
};

struct Source {
  std::string_view text;
  std::string name;  // "--port" or "SERVER_PORT"
};

std::optional<Source> find_source(const Setting& setting, const Flags& flags, const Lookup& environment) {
  if (const auto flag = flags.find(setting.flag); flag != flags.end()) {
    return Source{flag->second, std::string(setting.flag)};
  }
  const char* const value = environment(std::string(setting.variable).c_str());
  if (value == nullptr || *value == '\0') return std::nullopt;
  return Source{value, std::string(setting.variable)};
}

/// A value as it may stand in a message of one line.
std::string on_one_line(std::string_view text) {
  std::string line(text);
  std::ranges::replace_if(
      line, [](char c) { return !http::is_in(c, http::character_class::field_text); }, '?');
  return line;
}

}  // namespace

std::span<const Setting> all_settings() {
  return table;
}

Settings resolve(const Flags& flags, const Lookup& environment) {
  Settings settings;
  std::optional<Source> mode;
  std::optional<Source> reuseport;
  for (const Setting& setting : table) {
    const auto source = find_source(setting, flags, environment);
    if (!source) continue;
    if (!setting.apply(source->text, settings)) {
      throw SettingsError(fmt::format("{}: '{}' is not accepted; give {}", source->name,
                                      on_one_line(source->text), setting.accepted));
    }
    if (setting.flag == mode_flag) mode = source;
    if (setting.flag == reuseport_flag) reuseport = source;
  }
  Settings asked;
  if (mode && reuseport && store_mode(mode->text, asked) && asked.mode == Mode::standard &&
      to_bool(reuseport->text).value_or(false)) {
    throw SettingsError(fmt::format("{}={} contradicts {}={}: standard mode has one listening socket",
                                    mode->name, mode->text, reuseport->name, reuseport->text));
  }
  if (settings.mode == Mode::standard) {
    throw SettingsError(
        fmt::format("{}: standard mode is not in this version; give {}=performance or {}=true",
                    mode ? mode->name : mode_variable, mode_variable, reuseport_variable));
  }
  return settings;
}

}  // namespace chopin::cli
