#include "chopin/form.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <system_error>

#include "http/form_pairs.hpp"
#include "json/grammar.hpp"

namespace chopin {
namespace {

/// Calls `visit` with each value of the name as it was sent, until it returns false.
template <class Visit>
void for_each_value(std::string_view encoded, std::string_view name, Visit visit) {
  http::for_each_pair(encoded, [&](std::string_view sent_name, std::string_view value) {
    const bool is_it =
        http::is_form_encoded(sent_name) ? http::decode_form(sent_name) == name : sent_name == name;
    return !is_it || visit(value);
  });
}

/// The first value of the name as it was sent.
std::optional<std::string_view> find_value(std::string_view encoded, std::string_view name) {
  std::optional<std::string_view> found;
  for_each_value(encoded, name, [&](std::string_view value) {
    found = value;
    return false;
  });
  return found;
}

template <class Value>
constexpr std::string_view type_fault = "must be a number";
template <>
constexpr std::string_view type_fault<bool> = "must be true or false";
template <>
constexpr std::string_view type_fault<std::int64_t> = "must be an integer of 64 bits";
template <>
constexpr std::string_view type_fault<std::uint64_t> = "must be an unsigned integer of 64 bits";

template <std::integral Value>
bool parse_integer(std::string_view text, Value& value) noexcept {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size();
}

}  // namespace

namespace http {

bool parse_form_value(std::string_view text, bool& value) noexcept {
  constexpr std::array<std::string_view, 4> yes{"true", "1", "yes", "on"};
  constexpr std::array<std::string_view, 4> no{"false", "0", "no", "off"};
  value = std::ranges::find(yes, text) != yes.end();
  return value || std::ranges::find(no, text) != no.end();
}

bool parse_form_value(std::string_view text, std::int64_t& value) noexcept {
  return parse_integer(text, value);
}

bool parse_form_value(std::string_view text, std::uint64_t& value) noexcept {
  return parse_integer(text, value);
}

bool parse_form_value(std::string_view text, double& value) noexcept {
  if (text.empty() || json::number_size(text) != text.size()) return false;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size() && std::isfinite(value);
}

}  // namespace http

std::optional<std::string> Form::value(TextArgument name) const {
  const auto found = find_value(encoded_, name);
  if (!found) return {};
  return http::decode_form(*found);
}

std::vector<std::string> Form::values(TextArgument name) const {
  std::vector<std::string> found;
  for_each_value(encoded_, name, [&](std::string_view value) {
    found.push_back(http::decode_form(value));
    return true;
  });
  return found;
}

template <class Value>
Form& Form::read(std::string_view name, Value& value, bool is_required) {
  const auto found = find_value(encoded_, name);
  if (!found) return is_required ? refuse(name, "is missing") : *this;
  if constexpr (std::same_as<Value, std::string>) {
    value = http::decode_form(*found);
  } else {
    if (found->empty() && !is_required) return *this;
    Value parsed{};
    const bool is_parsed = http::is_form_encoded(*found)
                               ? http::parse_form_value(http::decode_form(*found), parsed)
                               : http::parse_form_value(*found, parsed);
    if (!is_parsed) return refuse(name, type_fault<Value>);
    value = parsed;
  }
  inputs_.note_read(name);
  return *this;
}

template Form& Form::read(std::string_view, std::string&, bool);
template Form& Form::read(std::string_view, bool&, bool);
template Form& Form::read(std::string_view, std::int64_t&, bool);
template Form& Form::read(std::string_view, std::uint64_t&, bool);
template Form& Form::read(std::string_view, double&, bool);

}  // namespace chopin
