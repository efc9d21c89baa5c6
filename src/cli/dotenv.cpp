#include "cli/dotenv.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>

#include <fmt/core.h>

#include "cli/settings_error.hpp"
#include "text/characters.hpp"

namespace chopin::cli {
namespace {

constexpr std::string_view white_space = " \t";
constexpr std::string_view name_characters =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-";

/// Removes the next line from the text and returns it without its line end.
std::string_view take_line(std::string_view& text) {
  std::string_view line = text.substr(0, text.find('\n'));
  text.remove_prefix(std::min(line.size() + 1, text.size()));
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

std::string_view without_export(std::string_view name) {
  constexpr std::string_view keyword = "export";
  if (!name.starts_with(keyword)) return name;
  const std::string_view rest = name.substr(keyword.size());
  return text::trimmed(rest).size() < rest.size() ? text::trimmed(rest) : name;
}

/// The value in the text after `=`; nullopt if quotes are unclosed or closed too early.
std::optional<std::string_view> read_value(std::string_view text) {
  const std::string_view value = text::trimmed(text);
  if (value.starts_with('"') || value.starts_with('\'')) {
    const std::size_t end = value.find(value.front(), 1);
    if (end == std::string_view::npos) return std::nullopt;
    const std::string_view rest = text::trimmed(value.substr(end + 1));
    if (!rest.empty() && !rest.starts_with('#')) return std::nullopt;
    return value.substr(1, end - 1);
  }
  for (std::size_t at = text.find('#'); at != std::string_view::npos; at = text.find('#', at + 1)) {
    const bool begins_comment = at > 0 && white_space.find(text[at - 1]) != std::string_view::npos;
    if (begins_comment) return text::trimmed(text.substr(0, at));
  }
  return value;
}

}  // namespace

std::map<std::string, std::string> parse_dotenv(std::string_view text) {
  std::map<std::string, std::string> values;
  for (int number = 1; !text.empty(); ++number) {
    const std::string_view line = text::trimmed(take_line(text));
    if (line.empty() || line.starts_with('#')) continue;
    const std::size_t equals = std::min(line.find('='), line.size());
    const std::string_view name = without_export(text::trimmed(line.substr(0, equals)));
    if (equals == line.size() || name.empty() ||
        name.find_first_not_of(name_characters) != std::string_view::npos) {
      throw SettingsError(fmt::format(".env, line {}: not NAME=VALUE", number));
    }
    const auto value = read_value(line.substr(equals + 1));
    if (!value) throw SettingsError(fmt::format(".env, line {}: quotes do not enclose the value", number));
    values.insert_or_assign(std::string(name), std::string(*value));
  }
  return values;
}

}  // namespace chopin::cli
