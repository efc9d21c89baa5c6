#include "cli/settings.hpp"

#include <algorithm>
#include <chrono>
#include <map>
#include <stdexcept>

#include <fmt/core.h>

#include "cli/notation.hpp"
#include "cli/settings_error.hpp"
#include "text/characters.hpp"

namespace chopin::cli {
namespace {

using Given = std::map<std::string_view, Value>;  // Setting::flag -> the value that counts

std::optional<Value> find_value(const Setting& setting, std::span<const Source> strongest_first) {
  for (const Source& source : strongest_first) {
    if (auto value = source(setting)) return value;
  }
  return std::nullopt;
}

std::string place(const Value& value) {
  return value.file.empty() ? "" : " in " + value.file;
}

/// "SERVER_PORT=80 in .env".
std::string describe(const Value& value) {
  return fmt::format("{}={}{}", value.name, value.text, place(value));
}

/// For SERVER_PORT=tcp://10.0.0.1:3000, which Kubernetes sets in every container beside a service called
/// `server`.
std::string hint_of_service_link(const Value& value) {
  constexpr std::string_view suffix = "_PORT";
  const std::string_view name = value.name;
  if (!name.ends_with(suffix) || !is_service_link(value.text)) return {};
  std::string service(name.substr(0, name.size() - suffix.size()));
  std::ranges::transform(service, service.begin(), [](char c) { return c == '_' ? '-' : text::to_lower(c); });
  const std::string way_out =
      name.starts_with(variable_prefix) ? "" : fmt::format(", or {}{}", variable_prefix, name);
  return fmt::format(" (Kubernetes sets it for a service called '{}': enableServiceLinks: false{} helps)",
                     service, way_out);
}

/// What may have happened to a value that is not accepted.
std::string hint(const Value& value) {
  constexpr std::string_view quotes = "\"'";
  const std::string_view text = value.text;
  if (text.empty()) return {};
  for (const char end : {text.front(), text.back()}) {
    if (quotes.find(end) != std::string_view::npos) return " (the quotes are part of the value)";
    if (text::trimmed({&end, 1}).empty()) return " (the white space is part of the value)";
  }
  return hint_of_service_link(value);
}

const Value* find(const Given& given, std::string_view flag) {
  const auto entry = given.find(flag);
  return entry == given.end() ? nullptr : &entry->second;
}

std::string in_notation(std::chrono::milliseconds duration) {
  const auto count = duration.count();
  return count % 1000 == 0 ? fmt::format("{}s", count / 1000) : fmt::format("{}ms", count);
}

/// A timeout as it was given, or as it is by default.
struct Timeout {
  std::string_view flag;
  std::string_view variable;
  std::chrono::milliseconds length;
};

std::string describe(const Timeout& timeout, const Given& given) {
  if (const Value* const value = find(given, timeout.flag)) return describe(*value);
  return fmt::format("{}={} (the default)", timeout.variable, in_notation(timeout.length));
}

/// The first to expire should be the one that says most. Defaults give way to a short handler timeout.
void settle_database_timeouts(Config& config, const Given& given) {
  using std::chrono::milliseconds;
  DatabaseConfig& database = config.database;
  const milliseconds handler = config.timeouts.handler;
  const bool are_given = find(given, "--database-acquire-timeout") != nullptr ||
                         find(given, "--database-statement-timeout") != nullptr;
  if (!are_given && database.statement_timeout >= handler) {
    if (handler < milliseconds(4)) return;  // there is no room for two below it
    database.statement_timeout = handler / 2;
    database.acquire_timeout = std::min(database.acquire_timeout, handler / 4);
    return;
  }
  const Timeout order[] = {
      {"--database-acquire-timeout", "DATABASE_ACQUIRE_TIMEOUT", database.acquire_timeout},
      {"--database-statement-timeout", "DATABASE_STATEMENT_TIMEOUT", database.statement_timeout},
      {"--handler-timeout", "HTTP_HANDLER_TIMEOUT", handler}};
  for (std::size_t i = 1; i < std::size(order); ++i) {
    if (order[i - 1].length < order[i].length) continue;
    throw SettingsError(fmt::format("{} contradicts {}: it must be lower", describe(order[i - 1], given),
                                    describe(order[i], given)));
  }
}

/// For a value and a file that holds another one, which was the last to be applied. Without the values, which
/// are secret.
void refuse_value_and_file(std::string_view flag, std::string_view file_flag, std::string_view applied,
                           std::string_view what, const Given& given) {
  const Value* const value = find(given, flag);
  const Value* const file = find(given, file_flag);
  if (value == nullptr || file == nullptr || value->text == applied) return;
  throw SettingsError(fmt::format("{}{} contradicts {}: the file holds another {}", value->name,
                                  place(*value), describe(*file), what));
}

/// Standard mode has one listening socket and composes every response. If it is chosen, a default of the
/// embedding program does not contradict it.
void settle_contradictions(Config& config, const Given& given) {
  const Value* const mode = find(given, "--mode");
  const Value* const reuseport = find(given, "--reuseport");
  if (mode != nullptr && reuseport != nullptr && text::equals_ignoring_case(mode->text, "standard") &&
      to_bool(reuseport->text).value_or(false)) {
    throw SettingsError(fmt::format("{} contradicts {}: standard mode has one listening socket",
                                    describe(*mode), describe(*reuseport)));
  }
  const Value* const fast_routes = find(given, "--fast-routes");
  if (config.mode == Mode::standard && config.fast_routes == ResponseClass::prebuilt) {
    if (fast_routes == nullptr) return config.fast_routes.reset();
    throw SettingsError(fmt::format("{} contradicts {}: standard mode composes every response",
                                    mode != nullptr ? describe(*mode) : "SERVER_MODE=standard (the default)",
                                    describe(*fast_routes)));
  }
}

}  // namespace

bool is_variable(std::string_view name) {
  if (name.starts_with(variable_prefix)) name.remove_prefix(variable_prefix.size());
  return std::ranges::any_of(all_settings(),
                             [name](const Setting& setting) { return setting.variable == name; });
}

Config resolve(std::span<const Source> strongest_first, const Config& defaults) {
  Config config = defaults;
  Given given;
  for (const Setting& setting : all_settings()) {
    const auto value = find_value(setting, strongest_first);
    if (!value) continue;
    try {
      if (!setting.apply(value->text, config)) {
        throw SettingsError(fmt::format("{}{}: '{}' is not accepted; give {}{}", value->name, place(*value),
                                        value->text, setting.accepted, hint(*value)));
      }
    } catch (const std::invalid_argument& error) {
      throw SettingsError(fmt::format("{}{}: {}{}", value->name, place(*value), error.what(), hint(*value)));
    }
    given.emplace(setting.flag, *value);
  }
  settle_contradictions(config, given);
  settle_database_timeouts(config, given);
  refuse_value_and_file("--database-url", "--database-url-file", config.database.url, "URL", given);
  refuse_value_and_file("--jwt-secret", "--jwt-secret-file", config.auth.secret, "secret", given);
  return config;
}

}  // namespace chopin::cli
