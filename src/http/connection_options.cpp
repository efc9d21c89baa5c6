#include "http/connection_options.hpp"

#include <algorithm>

#include "text/characters.hpp"

namespace chopin::http {
namespace {

bool has_options(std::string_view line) noexcept {
  const std::string_view name = line.substr(0, line.find(':'));
  return name.size() < line.size() && (text::equals_ignoring_case(name, "Connection") ||
                                       text::equals_ignoring_case(name, "Proxy-Connection"));
}

}  // namespace

std::size_t find_long_option_list(std::string_view head, std::size_t most) noexcept {
  std::size_t options = 0;
  // After the request line.
  for (std::size_t begin = head.find('\n') + 1; begin != 0 && begin < head.size();) {
    const std::size_t end = std::min(head.find('\n', begin), head.size());
    const std::string_view line = head.substr(begin, end - begin);
    if (line.empty() || line == "\r") break;
    if (has_options(line)) {
      // Beast refuses a control byte before it has the rest of the line, which then does not count either.
      const auto readable = line.substr(0, text::span_of(line, text::character_class::field_text));
      options += static_cast<std::size_t>(std::ranges::count(readable, ',')) + 1;
    }
    if (options > most) return begin;
    begin = end + 1;
  }
  return head.size();
}

}  // namespace chopin::http
