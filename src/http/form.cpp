#include "chopin/form.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <system_error>

#include "json/grammar.hpp"
#include "text/percent.hpp"

namespace chopin {
namespace {

bool is_encoded(std::string_view text) noexcept {
  return std::ranges::any_of(text, [](char c) { return c == '%' || c == '+'; });
}

std::string decode(std::string_view encoded) {
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

/// Calls `visit` with each value of the name as it was sent, until it returns false. An empty pair, as
/// between two `&`, is none.
template <class Visit>
void for_each_value(std::string_view encoded, std::string_view name, Visit visit) {
  while (!encoded.empty()) {
    const std::string_view pair = encoded.substr(0, encoded.find('&'));
    encoded.remove_prefix(std::min(pair.size() + 1, encoded.size()));
    if (pair.empty()) continue;
    const std::size_t equals = std::min(pair.find('='), pair.size());
    const std::string_view sent_name = pair.substr(0, equals);
    if (is_encoded(sent_name) ? decode(sent_name) != name : sent_name != name) continue;
    if (!visit(pair.substr(std::min(equals + 1, pair.size())))) return;
  }
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

bool parse(std::string_view text, bool& value) noexcept {
  constexpr std::array<std::string_view, 4> yes{"true", "1", "yes", "on"};
  constexpr std::array<std::string_view, 4> no{"false", "0", "no", "off"};
  value = std::ranges::find(yes, text) != yes.end();
  return value || std::ranges::find(no, text) != no.end();
}

template <std::integral Value>
bool parse(std::string_view text, Value& value) noexcept {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size();
}

bool parse(std::string_view text, double& value) noexcept {
  if (text.empty() || json::number_size(text) != text.size()) return false;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size() && std::isfinite(value);
}

}  // namespace

std::optional<std::string> Form::value(TextArgument name) const {
  const auto found = find_value(encoded_, name);
  if (!found) return {};
  return decode(*found);
}

std::vector<std::string> Form::values(TextArgument name) const {
  std::vector<std::string> found;
  for_each_value(encoded_, name, [&](std::string_view value) {
    found.push_back(decode(value));
    return true;
  });
  return found;
}

template <class Value>
Form& Form::read(std::string_view name, Value& value, bool is_required) {
  const auto found = find_value(encoded_, name);
  if (!found) return is_required ? refuse(name, "is missing") : *this;
  if constexpr (std::same_as<Value, std::string>) {
    value = decode(*found);
  } else {
    if (found->empty() && !is_required) return *this;
    Value parsed{};
    const bool is_parsed = is_encoded(*found) ? parse(decode(*found), parsed) : parse(*found, parsed);
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
