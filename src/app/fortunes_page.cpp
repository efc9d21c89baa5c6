#include "app/fortunes_page.hpp"

#include <algorithm>
#include <cstddef>

#include <fmt/format.h>

namespace chopin::app {
namespace {

/// Empty for a character that stands for itself.
constexpr std::string_view escape_of(char c) noexcept {
  switch (c) {
    case '&': return "&amp;";
    case '<': return "&lt;";
    case '>': return "&gt;";
    case '"': return "&quot;";
    case '\'': return "&#39;";
    default: return {};
  }
}

}  // namespace

void append_escaped(std::string& html, std::string_view text) {
  std::size_t copied = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const std::string_view escape = escape_of(text[at]);
    if (escape.empty()) continue;
    html.append(text, copied, at - copied).append(escape);
    copied = at + 1;
  }
  html.append(text, copied);
}

std::string fortunes_page(std::vector<Fortune> fortunes) {
  fortunes.push_back({0, "Additional fortune added at request time."});
  std::ranges::sort(fortunes, {}, &Fortune::message);
  constexpr std::size_t usual_row = 128;
  std::string page;
  page.reserve(usual_row * (fortunes.size() + 2));
  page +=
      "<!DOCTYPE html><html><head><title>Fortunes</title></head><body><table>"
      "<tr><th>id</th><th>message</th></tr>";
  for (const Fortune& fortune : fortunes) {
    page.append("<tr><td>").append(fmt::format_int(fortune.id).c_str()).append("</td><td>");
    append_escaped(page, fortune.message);
    page += "</td></tr>";
  }
  page += "</table></body></html>";
  return page;
}

}  // namespace chopin::app
