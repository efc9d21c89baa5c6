#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "text/percent.hpp"

/// The pairs of a form as they were sent (URL standard, section 5.1).
namespace chopin::http {

inline bool is_form_encoded(std::string_view text) noexcept {
  return std::ranges::any_of(text, [](char c) { return c == '%' || c == '+'; });
}

inline std::string decode_form(std::string_view encoded) {
  std::string decoded;
  decoded.reserve(encoded.size());
  for (std::size_t at = 0; at < encoded.size(); ++at) {
    if (const auto byte = text::decode_percent(encoded.substr(at))) {
      decoded += *byte;
      at += 2;
    } else {
      decoded += encoded[at] == '+' ? ' ' : encoded[at];
    }
  }
  return decoded;
}

/// Calls `visit(name, value)` with each pair, until it returns false. An empty pair, as between two `&`, is
/// none.
template <class Visit>
void for_each_pair(std::string_view encoded, Visit visit) {
  while (!encoded.empty()) {
    const std::string_view pair = encoded.substr(0, encoded.find('&'));
    encoded.remove_prefix(std::min(pair.size() + 1, encoded.size()));
    if (pair.empty()) continue;
    const std::size_t equals = std::min(pair.find('='), pair.size());
    if (!visit(pair.substr(0, equals), pair.substr(std::min(equals + 1, pair.size())))) return;
  }
}

/// A value of a form, decoded: of each type as `Form` describes it.
bool parse_form_value(std::string_view text, bool& value) noexcept;
bool parse_form_value(std::string_view text, std::int64_t& value) noexcept;
bool parse_form_value(std::string_view text, std::uint64_t& value) noexcept;
bool parse_form_value(std::string_view text, double& value) noexcept;

}  // namespace chopin::http
