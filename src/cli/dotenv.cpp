#include "cli/dotenv.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>

#include <fmt/core.h>

#include "cli/notation.hpp"
#include "cli/settings.hpp"
#include "cli/settings_error.hpp"
#include "text/characters.hpp"

namespace chopin::cli {
namespace {

constexpr std::string_view white_space = " \t";
constexpr std::string_view name_characters =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-";

std::string_view without_line_end(std::string_view line) {
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

/// The first line, without its line end.
std::string_view first_line(std::string_view text) {
  return without_line_end(text.substr(0, text.find('\n')));
}

void skip_first_line(std::string_view& text) {
  const std::size_t end = text.find('\n');
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
}

std::string_view without_export(std::string_view name) {
  constexpr std::string_view keyword = "export";
  if (!name.starts_with(keyword)) return name;
  const std::string_view rest = name.substr(keyword.size());
  return text::trimmed(rest).size() < rest.size() ? text::trimmed(rest) : name;
}

/// A value, and how much of the text it takes up.
struct Found {
  std::string value;
  std::size_t size;
};

/// The value between the quotes that the text begins with; nullopt if they are not closed, or if more than a
/// comment follows on the line.
std::optional<Found> read_quoted(std::string_view text) {
  const char quote = text.front();
  std::string value;
  for (std::size_t at = 1; at < text.size(); ++at) {
    const std::string_view pair = text.substr(at, 2);
    if (quote == '"' && (pair == R"(\")" || pair == R"(\\)")) {
      value += pair.back();
      ++at;
    } else if (text[at] != quote) {
      value += text[at];
    } else {
      const std::string_view rest = text::trimmed(first_line(text.substr(at + 1)));
      if (!rest.empty() && !rest.starts_with('#')) return std::nullopt;
      return Found{std::move(value), at + 1};
    }
  }
  return std::nullopt;
}

std::string_view read_bare(std::string_view line) {
  for (std::size_t at = line.find('#'); at != std::string_view::npos; at = line.find('#', at + 1)) {
    const bool begins_comment = at > 0 && white_space.find(line[at - 1]) != std::string_view::npos;
    if (begins_comment) return text::trimmed(line.substr(0, at));
  }
  return text::trimmed(line);
}

/// The value after an equals sign.
std::optional<Found> read_value(std::string_view text) {
  const std::size_t blanks = std::min(text.find_first_not_of(white_space), text.size());
  const std::string_view value = text.substr(blanks);
  if (!value.starts_with('"') && !value.starts_with('\'')) {
    return Found{std::string(read_bare(first_line(text))), 0};
  }
  auto found = read_quoted(value);
  if (found) found->size += blanks;
  return found;
}

/// Whether the line begins with the name of a setting: `SERVER_PORT: 80`, `export SERVER_PORT`.
bool mentions_setting(std::string_view line) {
  const std::string_view text = without_export(line);
  return is_variable(text.substr(0, text.find_first_not_of(name_characters)));
}

}  // namespace

Dotenv parse_dotenv(std::string_view text) {
  Dotenv result;
  if (text.starts_with("\xff\xfe") || text.starts_with("\xfe\xff")) {
    result.warnings.emplace_back(".env is UTF-16 instead of UTF-8; it is ignored");
    return result;
  }
  text = without_byte_order_mark(text);
  for (int number = 1; !text.empty(); ++number, skip_first_line(text)) {
    const std::string_view line = text::trimmed(first_line(text));
    if (line.empty() || line.starts_with('#')) continue;
    const std::size_t equals = std::min(line.find('='), line.size());
    const std::string_view name = without_export(text::trimmed(line.substr(0, equals)));
    if (equals == line.size() || name.empty() ||
        name.find_first_not_of(name_characters) != std::string_view::npos) {
      if (mentions_setting(line)) {
        result.warnings.push_back(fmt::format(".env, line {}: not NAME=VALUE; it is ignored", number));
      }
      continue;
    }
    const std::size_t value_at = text.find('=') + 1;
    auto found = read_value(text.substr(value_at));
    if (!found) {
      if (!is_variable(name)) continue;
      throw SettingsError(fmt::format(".env, line {}: quotes do not enclose the value", number));
    }
    const std::string_view quoted = text.substr(0, value_at + found->size);
    number += static_cast<int>(std::ranges::count(quoted, '\n'));
    result.values.insert_or_assign(std::string(name), std::move(found->value));
    text.remove_prefix(quoted.size());
  }
  return result;
}

}  // namespace chopin::cli
