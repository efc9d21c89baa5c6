#include "cli/settings.hpp"

#include <algorithm>
#include <map>

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

const Value* find(const Given& given, std::string_view flag) {
  const auto entry = given.find(flag);
  return entry == given.end() ? nullptr : &entry->second;
}

/// Standard mode has one listening socket and composes every response.
void refuse_contradictions(const Config& config, const Given& given) {
  const Value* const mode = find(given, "--mode");
  const Value* const reuseport = find(given, "--reuseport");
  if (mode != nullptr && reuseport != nullptr && text::equals_ignoring_case(mode->text, "standard") &&
      to_bool(reuseport->text).value_or(false)) {
    throw SettingsError(fmt::format("{} contradicts {}: standard mode has one listening socket",
                                    describe(*mode), describe(*reuseport)));
  }
  if (config.mode == Mode::standard && config.fast_routes == ResponseClass::prebuilt) {
    throw SettingsError(fmt::format("{} contradicts {}: standard mode composes every response",
                                    mode != nullptr ? describe(*mode) : "SERVER_MODE=standard (the default)",
                                    describe(given.at("--fast-routes"))));
  }
}

}  // namespace

Config resolve(std::span<const Source> strongest_first) {
  Config config;
  Given given;
  for (const Setting& setting : all_settings()) {
    const auto value = find_value(setting, strongest_first);
    if (!value) continue;
    if (!setting.apply(value->text, config)) {
      throw SettingsError(fmt::format("{}{}: '{}' is not accepted; give {}", value->name, place(*value),
                                      value->text, setting.accepted));
    }
    given.emplace(setting.flag, *value);
  }
  refuse_contradictions(config, given);
  return config;
}

}  // namespace chopin::cli
