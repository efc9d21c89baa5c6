#include "json/rules.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>

#include <fmt/format.h>

#include "json/compiled_pattern.hpp"

namespace chopin::json {
namespace {

constexpr std::size_t unlimited = std::numeric_limits<std::size_t>::max();

constexpr bool is_letter_or_digit(char c) noexcept {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/// Letters, digits and others, by their byte.
class Characters {
 public:
  explicit consteval Characters(std::string_view others) {
    for (std::size_t byte = 0; byte < has_.size(); ++byte) {
      const auto c = static_cast<char>(byte);
      has_[byte] = is_letter_or_digit(c) || others.find(c) != std::string_view::npos;
    }
  }
  [[nodiscard]] bool has_all_of(std::string_view text) const noexcept {
    return std::ranges::all_of(text, [this](char c) { return has_[static_cast<unsigned char>(c)]; });
  }

 private:
  std::array<bool, 256> has_{};
};

bool is_hex_digit(char c) noexcept {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'F') || (c >= 'a' && c <= 'f');
}

/// Of a domain name (RFC 1123 section 2.1).
bool is_label(std::string_view text) noexcept {
  static constexpr Characters allowed("-");
  constexpr std::size_t most = 63;
  return !text.empty() && text.size() <= most && text.front() != '-' && text.back() != '-' &&
         allowed.has_all_of(text);
}

bool is_email(std::string_view text) noexcept {
  static constexpr Characters allowed(".!#$%&'*+/=?^_`{|}~-");
  constexpr std::size_t most = 254;  // RFC 5321 section 4.5.3.1.3, without the angle brackets
  const std::size_t at = text.find('@');
  if (text.size() > most || at == std::string_view::npos || at == 0) return false;
  if (!allowed.has_all_of(text.substr(0, at))) return false;
  std::string_view domain = text.substr(at + 1);
  while (true) {
    const std::size_t dot = domain.find('.');
    if (!is_label(domain.substr(0, dot))) return false;
    if (dot == std::string_view::npos) return true;
    domain.remove_prefix(dot + 1);
  }
}

bool is_uuid(std::string_view text) noexcept {
  constexpr std::string_view form = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
  const auto fits_form = [](char wanted, char c) { return wanted == 'x' ? is_hex_digit(c) : c == wanted; };
  return std::ranges::equal(form, text, fits_form);
}

bool has_format(std::string_view text, Format format) noexcept {
  switch (format) {
    case Format::any: return true;
    case Format::email: return is_email(text);
    case Format::uuid: return is_uuid(text);
  }
  return false;
}

/// All bytes but those that go on with a character.
std::size_t characters_in(std::string_view text) noexcept {
  const auto begins = [](char c) { return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U; };
  return static_cast<std::size_t>(std::ranges::count_if(text, begins));
}

/// A character takes 1 to 4 bytes: mostly their number decides.
bool has_length(std::string_view text, const Rules& rules) noexcept {
  if (text.size() <= rules.most_length && (text.size() + 3) / 4 >= rules.least_length) return true;
  const std::size_t size = characters_in(text);
  return size >= rules.least_length && size <= rules.most_length;
}

std::string said(long double number) {
  return std::nearbyint(number) == number && std::fabs(number) < 1e20L ? fmt::format("{:.0f}", number)
                                                                       : fmt::format("{}", number);
}

/// " from 1 to 99", or what is bounded of it.
std::string range_said(long double least, long double most) {
  const bool has_least = std::isfinite(least);
  if (has_least && std::isfinite(most)) return fmt::format(" from {} to {}", said(least), said(most));
  if (has_least) return fmt::format(" of at least {}", said(least));
  return std::isfinite(most) ? fmt::format(" of at most {}", said(most)) : std::string();
}

std::string count_said(std::size_t least, std::size_t most, std::string_view what) {
  if (least == most) return fmt::format(" of {} {}", least, what);
  if (most == unlimited) return least == 0 ? std::string() : fmt::format(" of at least {} {}", least, what);
  if (least == 0) return fmt::format(" of at most {} {}", most, what);
  return fmt::format(" of {} to {} {}", least, most, what);
}

std::string_view noun_of(Format format) noexcept {
  switch (format) {
    case Format::any: break;
    case Format::email: return "an email address";
    case Format::uuid: return "a UUID";
  }
  return "a string";
}

/// A float holds less than the double that is read.
std::string number_said(const Type& type, const Rules& rules) {
  if (type.bytes == sizeof(double)) return "must be a number" + range_said(rules.least, rules.most);
  constexpr long double most = std::numeric_limits<float>::max();
  return "must be a number" + range_said(std::max(rules.least, -most), std::min(rules.most, most));
}

std::string text_said(const Rules& rules) {
  const std::string count = count_said(rules.least_length, rules.most_length, "characters");
  if (rules.pattern == nullptr) return fmt::format("must be {}{}", noun_of(rules.format), count);
  if (rules.format == Format::any && count.empty()) return fmt::format("must match {}", rules.pattern);
  return fmt::format("must be {}{} and match {}", noun_of(rules.format), count, rules.pattern);
}

std::string names_of(const Type& type) {
  std::string names;
  for (const EnumValue& value : type.values) names += (names.empty() ? "" : ", ") + std::string(value.name);
  return names;
}

std::string integer_said(const Type& type, const Rules& rules) {
  const auto [least, most] = bounds_of_integer(type, rules);
  return "must be an integer" + range_said(least, most);
}

}  // namespace

bool fits(std::string_view text, const Rules& rules) {
  return has_length(text, rules) && has_format(text, rules.format) &&
         (rules.pattern == nullptr || compiled(rules).is_found_in(text));
}

IntegerBounds bounds_of_integer(const Type& type, const Rules& rules) noexcept {
  const bool is_signed = type.kind == Kind::signed_integer;
  const int bits = type.bytes * 8 - (is_signed ? 1 : 0);
  const long double beyond = std::ldexp(1.0L, bits);
  return {std::max(is_signed ? -beyond : 0.0L, rules.least), std::min(beyond - 1, rules.most)};
}

std::string expectation(const Type& type, const Rules& rules) {
  switch (type.kind) {
    case Kind::boolean: return "must be a boolean";
    case Kind::signed_integer:
    case Kind::unsigned_integer: return integer_said(type, rules);
    case Kind::number: return number_said(type, rules);
    case Kind::text: return text_said(rules);
    case Kind::date: return "must be a date such as 2026-01-31";
    case Kind::date_time:
      return type.ticks == 1 ? "must be a date and time in whole seconds such as 2026-01-31T23:59:59Z"
                             : "must be a date and time such as 2026-01-31T23:59:59.5Z";
    case Kind::enumeration: return "must be one of: " + names_of(type);
    case Kind::object: return "must be an object";
    case Kind::array: return "must be an array" + count_said(rules.least_items, rules.most_items, "elements");
    case Kind::optional: return expectation(*type.inner, rules);
  }
  return {};
}

}  // namespace chopin::json
