#include "cli/settings_error.hpp"

#include <algorithm>
#include <string>

#include "text/characters.hpp"

namespace chopin {
namespace {

std::string on_one_line(std::string_view text) {
  std::string line(text);
  std::ranges::replace_if(
      line, [](char c) { return !text::is_in(c, text::character_class::field_text); }, '?');
  return line;
}

}  // namespace

SettingsError::SettingsError(std::string_view message) : std::runtime_error(on_one_line(message)) {}

}  // namespace chopin
