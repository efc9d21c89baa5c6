#include "cli/sources.hpp"

#include <cerrno>
#include <fstream>
#include <iterator>
#include <optional>
#include <system_error>
#include <utility>

#include <fmt/core.h>

#include "cli/config_file.hpp"
#include "cli/dotenv.hpp"
#include "cli/settings_error.hpp"

namespace chopin::cli {
namespace {

/// The bytes of a file; nullopt if there is no such file. `name` is for the message.
std::optional<std::string> read_file(const std::filesystem::path& path, std::string_view name) {
  int reason = 0;
  try {
    std::ifstream file(path, std::ios::binary);
    if (file) return std::string{std::istreambuf_iterator<char>(file), {}};
    reason = errno;
  } catch (const std::ios_base::failure&) {
    reason = errno;  // a directory can be opened but not read
  }
  if (reason == ENOENT) return std::nullopt;
  throw SettingsError(fmt::format("cannot read {}: {}", name, std::generic_category().message(reason)));
}

}  // namespace

Source from_flags(Flags flags) {
  return [flags = std::move(flags)](const Setting& setting) -> std::optional<Value> {
    const auto flag = flags.find(setting.flag);
    if (flag == flags.end()) return std::nullopt;
    return Value{flag->second, std::string(setting.flag), {}};
  };
}

Source from_environment(Lookup environment) {
  return [environment = std::move(environment)](const Setting& setting) -> std::optional<Value> {
    const std::string name(setting.variable);
    const char* const value = environment(name.c_str());
    if (value == nullptr || *value == '\0') return std::nullopt;
    return Value{value, name, {}};
  };
}

Source from_dotenv(const std::filesystem::path& directory) {
  auto values = parse_dotenv(read_file(directory / ".env", ".env").value_or(""));
  return [values = std::move(values)](const Setting& setting) -> std::optional<Value> {
    const auto value = values.find(std::string(setting.variable));
    if (value == values.end() || value->second.empty()) return std::nullopt;
    return Value{value->second, value->first, ".env"};
  };
}

Source from_config_file(const std::string& name, const std::filesystem::path& directory) {
  if (name.empty()) throw SettingsError("--config: '' is not accepted; give a path");
  const auto text = read_file(directory / name, name);
  if (!text) throw SettingsError(fmt::format("--config: there is no file {}", name));
  auto values = parse_config_file(*text, name);
  return [values = std::move(values), name](const Setting& setting) -> std::optional<Value> {
    const auto value = values.find(std::string(setting.flag.substr(2)));
    if (value == values.end()) return std::nullopt;
    return Value{value->second, value->first, name};
  };
}

}  // namespace chopin::cli
