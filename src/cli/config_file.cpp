#include "cli/config_file.hpp"

#include <algorithm>
#include <sstream>

#include <CLI/CLI.hpp>
#include <fmt/core.h>

#include "cli/notation.hpp"
#include "cli/settings.hpp"
#include "cli/settings_error.hpp"

namespace chopin::cli {
namespace {

bool is_setting(std::string_view key) {
  return std::ranges::any_of(all_settings(),
                             [key](const Setting& setting) { return setting.flag.substr(2) == key; });
}

}  // namespace

std::map<std::string, std::string> parse_config_file(const std::string& text, std::string_view file_name) {
  // There are no lists and no sections. With delimiters that no line contains CLI11 keeps values whole;
  // otherwise `[30` would be 3, and `port.` the same as `port`.
  CLI::ConfigTOML format;
  format.arrayBounds('\n', '\n')->parentSeparator('\n');
  std::istringstream stream{std::string(without_byte_order_mark(text))};
  std::map<std::string, std::string> values;
  for (const CLI::ConfigItem& item : format.from_config(stream)) {
    if (!item.parents.empty()) {
      throw SettingsError(fmt::format("[{}] in {}: there are no sections", item.parents.front(), file_name));
    }
    if (!is_setting(item.name)) {
      throw SettingsError(fmt::format("{} in {}: there is no such setting", item.name, file_name));
    }
    if (item.inputs.size() != 1 || !values.try_emplace(item.name, item.inputs.front()).second) {
      throw SettingsError(fmt::format("{} in {}: given more than once", item.name, file_name));
    }
  }
  return values;
}

}  // namespace chopin::cli
