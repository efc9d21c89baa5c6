#include "http/field_rules.hpp"

#include <algorithm>
#include <array>

#include "text/characters.hpp"

namespace chopin::http {
namespace {

bool is_written_by_server(std::string_view name) noexcept {
  constexpr std::array<std::string_view, 5> own{"Content-Length", "Transfer-Encoding", "Connection", "Server",
                                                "Date"};
  return std::ranges::any_of(
      own, [name](std::string_view field) { return text::equals_ignoring_case(name, field); });
}

}  // namespace

std::string_view fault_of_field(std::string_view name, std::string_view value) noexcept {
  if (name.empty() || !text::consists_of(name, text::character_class::token)) return "illegal field name";
  if (is_written_by_server(name)) return "the server itself writes the field";
  if (text::equals_ignoring_case(name, "Content-Type")) {
    return "the type is set with the body, by Response::body or FastRoute::raw, not as a field";
  }
  return is_field_value(value) ? "" : "illegal value of the field";
}

bool is_field_value(std::string_view value) noexcept {
  const auto is_blank = [](char c) { return c == ' ' || c == '\t'; };
  if (value.empty()) return true;
  return !is_blank(value.front()) && !is_blank(value.back()) &&
         text::consists_of(value, text::character_class::field_text);
}

}  // namespace chopin::http
