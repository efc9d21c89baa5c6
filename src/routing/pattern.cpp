#include "routing/pattern.hpp"

#include <algorithm>
#include <cstddef>

#include <fmt/core.h>

#include "text/characters.hpp"
#include "text/percent.hpp"

namespace chopin::routing {
namespace {

bool is_name(std::string_view text) noexcept {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    const char lower = text::to_lower(c);
    return (lower >= 'a' && lower <= 'z') || text::is_in(c, text::character_class::digit) || c == '_' ||
           c == '-';
  });
}

/// What other frameworks would read as a parameter, and here would never match.
std::string fault_of_habit(std::string_view segment) {
  const bool is_named = segment.size() > 1 && segment.starts_with(':');
  const bool is_typed = segment.starts_with('<') && segment.ends_with('>');
  if (is_named || is_typed) return fmt::format("'{}': a parameter is written {{name}}", segment);
  if (segment.starts_with('*'))
    return fmt::format("'{}': the rest of a path is written {{name...}}", segment);
  if (segment.find('?') == std::string_view::npos) return {};
  return fmt::format("'{}': a pattern has no query and no optional parts", segment);
}

bool holds_encoding(std::string_view text) noexcept {
  std::size_t at = text.find('%');
  while (at != std::string_view::npos && !text::decode_percent(text.substr(at))) at = text.find('%', at + 1);
  return at != std::string_view::npos;
}

}  // namespace

Pattern::Pattern(std::string_view text) {
  if (!text.starts_with('/')) fault_ = "the pattern must start with '/'";
  while (fault_.empty() && !text.empty()) {
    const std::size_t end = std::min(text.find('/', 1), text.size());
    add(text.substr(1, end - 1), end == text.size());
    text.remove_prefix(end);
  }
}

void Pattern::add(std::string_view segment, bool is_last) {
  constexpr std::string_view rest_mark = "...";
  if (segment.starts_with('{') && segment.ends_with('}')) {
    std::string_view name = segment.substr(1, segment.size() - 2);
    if (!name.ends_with(rest_mark)) return add_param(Kind::param, name);
    name.remove_suffix(rest_mark.size());
    if (!is_last) fault_ = fmt::format("'{}' must be the last segment", segment);
    return add_param(Kind::rest, name);
  }
  if (segment.find_first_of("{}") != std::string_view::npos) {
    fault_ = fmt::format("'{}': a parameter is a whole segment", segment);
  } else if (segment == "." || segment == "..") {
    fault_ = "requests have no dot segments";
  } else if (holds_encoding(segment)) {
    fault_ = fmt::format("'{}': patterns are written decoded", segment);
  } else if (std::ranges::any_of(segment, [](char c) {
               return !text::is_in(c, text::character_class::field_text) || c == '\t';
             })) {
    fault_ = "a control byte in the pattern";
  } else if (segment.find('\\') != std::string_view::npos) {
    fault_ = "requests have no backslashes in their paths";
  } else {
    fault_ = fault_of_habit(segment);
  }
  segments_.push_back({Kind::text, segment});
}

void Pattern::add_param(Kind kind, std::string_view name) {
  const auto is_param_of_this_name = [name](const Segment& segment) {
    return segment.kind != Kind::text && segment.text == name;
  };
  if (fault_.empty() && !is_name(name)) {
    fault_ = fmt::format("'{}' is no name for a parameter", name);
  } else if (std::ranges::any_of(segments_, is_param_of_this_name)) {
    fault_ = fmt::format("two parameters are called '{}'", name);
  }
  segments_.push_back({kind, name});
  ++param_count_;
}

std::vector<std::string_view> Pattern::parameters() const {
  std::vector<std::string_view> names;
  for (const Segment& segment : segments_) {
    if (segment.kind != Kind::text) names.push_back(segment.text);
  }
  return names;
}

std::string Pattern::shape() const {
  std::string shape;
  for (const Segment& segment : segments_) {
    shape += '/';
    switch (segment.kind) {
      case Kind::text: shape += segment.text; break;
      case Kind::param: shape += "{}"; break;
      case Kind::rest: shape += "{...}"; break;
    }
  }
  return shape;
}

}  // namespace chopin::routing
