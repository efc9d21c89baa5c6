#pragma once

#include <cstddef>
#include <string_view>

#include "text/characters.hpp"

namespace chopin::http {

/// A parameter of a media type or a disposition, as sent.
struct Parameter {
  std::string_view name;
  std::string_view value{};  ///< without its quotes, but with its escapes
  bool is_quoted = false;
};

/// The size of the quoted text at the start of `text`, both quotes included, 0 if it has no end. Browsers
/// send a backslash as it is, so that it escapes only a quote or another one.
constexpr std::size_t quoted_size(std::string_view text) noexcept {
  for (std::size_t at = 1; at < text.size(); ++at) {
    if (text[at] == '"') return at + 1;
    const std::string_view next = text.substr(at + 1, 1);
    if (text[at] == '\\' && (next == "\"" || next == "\\")) ++at;
  }
  return 0;
}

/// Calls `visit` with each Parameter of `text`, which begins after the type, until it returns false (RFC 9110
/// section 5.6.6). False if `text` is malformed, or a call returned false.
template <class Visit>
constexpr bool for_each_parameter(std::string_view text, Visit visit) {
  while (!(text = text::trimmed(text)).empty()) {
    if (text.front() != ';') return false;
    text = text::trimmed(text.substr(1));
    if (text.empty() || text.front() == ';') continue;
    Parameter parameter{.name = text.substr(0, text::span_of(text, text::character_class::token))};
    text.remove_prefix(parameter.name.size());
    if (parameter.name.empty() || !text.starts_with('=')) return false;
    text.remove_prefix(1);
    parameter.is_quoted = text.starts_with('"');
    const std::size_t size =
        parameter.is_quoted ? quoted_size(text) : text::span_of(text, text::character_class::token);
    if (size == 0) return false;
    parameter.value = parameter.is_quoted ? text.substr(1, size - 2) : text.substr(0, size);
    text.remove_prefix(size);
    if (!visit(parameter)) return false;
  }
  return true;
}

}  // namespace chopin::http
