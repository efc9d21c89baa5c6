#include "cli/settings_error.hpp"

#include <algorithm>
#include <cstddef>
#include <string>

#include "text/characters.hpp"

namespace chopin {
namespace {

/// A URL with a password may stand where none is expected, such as behind a mistyped flag.
void leave_out_passwords(std::string& line) {
  const std::size_t slashes = line.find("//");
  const std::size_t at = line.rfind('@');
  if (slashes < at && at != std::string::npos) line.replace(slashes + 2, at - slashes - 2, "...");
  constexpr std::string_view name = "password=";
  for (std::size_t found = line.find(name); found != std::string::npos; found = line.find(name, found)) {
    found += name.size();
    const std::size_t end = std::min(line.find_first_of("&' ", found), line.size());
    line.replace(found, end - found, "...");
  }
}

std::string on_one_line(std::string_view text) {
  std::string line(text);
  std::ranges::replace_if(
      line, [](char c) { return !text::is_in(c, text::character_class::field_text); }, '?');
  leave_out_passwords(line);
  return line;
}

}  // namespace

SettingsError::SettingsError(std::string_view message) : std::runtime_error(on_one_line(message)) {}

}  // namespace chopin
