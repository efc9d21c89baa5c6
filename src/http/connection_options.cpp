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
  // The request line is none.
  for (std::size_t begin = head.find('\n') + 1; begin != 0 && begin < head.size();) {
    const std::size_t end = std::min(head.find('\n', begin), head.size());
    const std::string_view line = head.substr(begin, end - begin);
    if (line.empty() || line == "\r") break;
    if (has_options(line)) options += static_cast<std::size_t>(std::ranges::count(line, ',')) + 1;
    if (options > most) return begin;
    begin = end + 1;
  }
  return head.size();
}

}  // namespace chopin::http
