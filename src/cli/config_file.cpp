#include "cli/config_file.hpp"

#include <algorithm>
#include <sstream>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/core.h>

#include "cli/nearest.hpp"
#include "cli/notation.hpp"
#include "cli/settings.hpp"
#include "cli/settings_error.hpp"
#include "text/characters.hpp"

namespace chopin::cli {
namespace {

std::vector<std::string_view> all_keys() {
  std::vector<std::string_view> keys;
  for (const Setting& setting : all_settings()) keys.push_back(setting.flag.substr(2));
  return keys;
}

bool is_letter(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/// Without the secret that follows in `jwt-secret: SECRET`, all of which CLI11 takes for a name.
std::string_view name_in(std::string_view text) noexcept {
  const std::size_t end = text.find_first_of(": \t");
  return end == 0 ? text : text.substr(0, end);
}

/// CLI11 passes silently over lines of less than three characters, and over some that are no name.
void refuse_lines_without_meaning(std::string_view text, std::string_view file_name) {
  constexpr std::size_t shortest = 3;
  std::size_t number = 0;
  while (!text.empty()) {
    ++number;
    const std::string_view whole = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(whole.size() + 1, text.size()));
    const std::string_view without_return = whole.substr(0, whole.find_last_not_of('\r') + 1);
    const std::string_view line = text::trimmed(without_return);
    if (line.empty() || line.front() == '#' || line.front() == ';') continue;
    const bool is_section = line.front() == '[' && line.back() == ']';
    const bool is_setting = is_letter(line.front()) || line.find('=') != std::string_view::npos;
    if (line.size() >= shortest && (is_section || is_setting)) continue;
    throw SettingsError(fmt::format("line {} of {}: '{}' is not name = value", number, file_name, line));
  }
}

}  // namespace

std::map<std::string, std::string> parse_config_file(const std::string& text, std::string_view file_name) {
  // There are no lists and no sections. With delimiters that no line contains CLI11 keeps values whole;
  // otherwise `[30` would be 3, and `port.` the same as `port`.
  CLI::ConfigTOML format;
  format.arrayBounds('\n', '\n')->parentSeparator('\n');
  const std::string_view content = without_byte_order_mark(text);
  refuse_lines_without_meaning(content, file_name);
  std::istringstream stream{std::string(content)};
  std::map<std::string, std::string> values;
  const std::vector<std::string_view> keys = all_keys();
  for (const CLI::ConfigItem& item : format.from_config(stream)) {
    if (!item.parents.empty()) {
      throw SettingsError(fmt::format("[{}] in {}: there are no sections", item.parents.front(), file_name));
    }
    if (std::ranges::find(keys, item.name) == keys.end()) {
      const std::string_view name = name_in(item.name);
      throw SettingsError(
          fmt::format("{} in {}: there is no such setting{}", name, file_name, did_you_mean(name, keys)));
    }
    if (item.inputs.size() != 1 || !values.try_emplace(item.name, item.inputs.front()).second) {
      throw SettingsError(fmt::format("{} in {}: given more than once", item.name, file_name));
    }
  }
  return values;
}

}  // namespace chopin::cli
