#include "cli/sources.hpp"

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <optional>
#include <system_error>
#include <unistd.h>
#include <utility>

#include <fmt/core.h>

#include "cli/config_file.hpp"
#include "cli/notation.hpp"
#include "cli/settings_error.hpp"

namespace chopin::cli {
namespace {

constexpr std::size_t most_bytes = std::size_t{1} << 20;  // of a file of settings

constexpr int not_regular = -1;
constexpr int too_large = -2;

/// The bytes of a file, or why it cannot be read: an errno value or one of the above.
struct File {
  std::string text;
  int error = 0;
};

File read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return {.text = {}, .error = errno};
  std::string text(most_bytes + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (file.bad()) return {.text = {}, .error = errno};  // a directory can be opened but not read
  text.resize(static_cast<std::size_t>(file.gcount()));
  const int error = text.size() > most_bytes ? too_large : 0;
  return {.text = std::move(text), .error = error};
}

/// Only of a regular file, for a pipe might never end.
File read_dotenv(const std::filesystem::path& path) {
  namespace fs = std::filesystem;
  std::error_code ec;
  const fs::file_type type = fs::status(path, ec).type();
  if (type == fs::file_type::not_found || type == fs::file_type::directory) return {};
  if (type == fs::file_type::none) return {.text = {}, .error = ec.value()};
  return type == fs::file_type::regular ? read_file(path) : File{.text = {}, .error = not_regular};
}

std::string message_of(int error) {
  if (error == not_regular) return "not a regular file";
  return error == too_large ? "larger than 1 MiB" : std::generic_category().message(error);
}

/// Names that Kubernetes makes for a service called `chopin`.
bool is_of_service(const std::string& name, std::string_view value) {
  return name.find("_SERVICE_") != std::string::npos || name.find("_PORT_") != std::string::npos ||
         is_service_link(value);
}

void warn_of_unknown(const Variables& variables, std::string_view place, Warnings& warnings) {
  constexpr int most = 8;
  int count = 0;
  for (auto entry = variables.lower_bound(std::string(variable_prefix));
       entry != variables.end() && entry->first.starts_with(variable_prefix); ++entry) {
    const auto& [name, value] = *entry;
    if (is_variable(name) || is_of_service(name, value)) continue;
    if (++count <= most) warnings.push_back(fmt::format("{}{}: there is no such setting", name, place));
  }
  if (count > most) warnings.push_back(fmt::format("and {} more such names{}", count - most, place));
}

Source from_variables(Variables variables, std::string file) {
  return [variables = std::move(variables),
          file = std::move(file)](const Setting& setting) -> std::optional<Value> {
    for (const std::string_view prefix : {variable_prefix, std::string_view()}) {
      const auto entry = variables.find(fmt::format("{}{}", prefix, setting.variable));
      if (entry != variables.end() && !entry->second.empty()) return Value{entry->second, entry->first, file};
    }
    return std::nullopt;
  };
}

}  // namespace

Variables process_environment() {
  Variables variables;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const std::size_t equals = text.find('=');
    if (equals == std::string_view::npos) continue;
    variables.try_emplace(std::string(text.substr(0, equals)),
                          text.substr(equals + 1));  // as getenv: the first
  }
  return variables;
}

Source from_flags(Flags flags) {
  return [flags = std::move(flags)](const Setting& setting) -> std::optional<Value> {
    const auto flag = flags.find(setting.flag);
    if (flag == flags.end()) return std::nullopt;
    return Value{flag->second, std::string(setting.flag), {}};
  };
}

Source from_environment(Variables environment, Warnings& warnings) {
  warn_of_unknown(environment, "", warnings);
  return from_variables(std::move(environment), "");
}

Source from_dotenv(const std::filesystem::path& directory, Warnings& warnings) {
  const File file = read_dotenv(directory / ".env");
  if (file.error != 0) {
    warnings.push_back(fmt::format("cannot read .env: {}; it is ignored", message_of(file.error)));
    return from_variables({}, ".env");
  }
  Dotenv dotenv = parse_dotenv(file.text);
  std::ranges::move(dotenv.warnings, std::back_inserter(warnings));
  warn_of_unknown(dotenv.values, " in .env", warnings);
  return from_variables(std::move(dotenv.values), ".env");
}

Source from_config_file(const std::string& name, const std::filesystem::path& directory) {
  if (name.empty()) throw SettingsError("--config: '' is not accepted; give a path");
  const File file = read_file(directory / name);
  if (file.error == ENOENT) throw SettingsError(fmt::format("--config: there is no file {}", name));
  if (file.error != 0) throw SettingsError(fmt::format("cannot read {}: {}", name, message_of(file.error)));
  auto values = parse_config_file(file.text, name);
  return [values = std::move(values), name](const Setting& setting) -> std::optional<Value> {
    const auto value = values.find(std::string(setting.flag.substr(2)));
    if (value == values.end()) return std::nullopt;
    return Value{value->second, value->first, name};
  };
}

}  // namespace chopin::cli
