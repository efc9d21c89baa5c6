#include "json/stored_value.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstring>
#include <string>

#include "json/rules.hpp"
#include "text/rfc3339.hpp"

namespace chopin::json {
namespace {

template <class Number>
void store_as(void* into, std::uint64_t number) noexcept {
  const auto narrow = static_cast<Number>(number);
  std::memcpy(into, &narrow, sizeof narrow);
}

/// The lowest `bytes` of a number.
void store(void* into, std::uint64_t number, std::uint8_t bytes) noexcept {
  switch (bytes) {
    case 1: return store_as<std::uint8_t>(into, number);
    case 2: return store_as<std::uint16_t>(into, number);
    case 4: return store_as<std::uint32_t>(into, number);
    default: return store_as<std::uint64_t>(into, number);
  }
}

template <class Number>
bool is_in_range(Number number, const Rules& rules) noexcept {
  return !rules.has_range ||
         (static_cast<long double>(number) >= rules.least && static_cast<long double>(number) <= rules.most);
}

}  // namespace

bool store_signed(std::int64_t number, const Type& type, const Rules& rules, void* into) noexcept {
  const std::int64_t beyond = number >> (type.bytes * 8 - 1);
  if ((beyond != 0 && beyond != -1) || !is_in_range(number, rules)) return false;
  store(into, static_cast<std::uint64_t>(number), type.bytes);
  return true;
}

bool store_unsigned(std::uint64_t number, const Type& type, const Rules& rules, void* into) noexcept {
  if (number >> (type.bytes * 8 - 1) > 1 || !is_in_range(number, rules)) return false;
  store(into, number, type.bytes);
  return true;
}

bool store_number(double number, const Type& type, const Rules& rules, void* into) noexcept {
  if (!is_in_range(number, rules)) return false;
  if (type.bytes == sizeof number) {
    *static_cast<double*>(into) = number;
    return true;
  }
  const auto narrow = static_cast<float>(number);
  *static_cast<float*>(into) = narrow;
  return std::isfinite(narrow);
}

bool store_text(std::string_view text, const Type& type, const Rules& rules, void* into) {
  if (type.kind == Kind::text) {
    if (!fits(text, rules)) return false;
    *static_cast<std::string*>(into) = text;
    return true;
  }
  if (type.kind == Kind::date) {
    const auto date = text::parse_date(text);
    if (date) *static_cast<std::chrono::year_month_day*>(into) = *date;
    return date.has_value();
  }
  if (type.kind == Kind::date_time) {
    const auto time = text::parse_date_time(text, type.ticks);
    if (time) store(into, static_cast<std::uint64_t>(*time), sizeof *time);
    return time.has_value();
  }
  const auto named = std::ranges::find(type.values, text, &EnumValue::name);
  if (named == type.values.end()) return false;
  store(into, static_cast<std::uint64_t>(named->number), type.bytes);
  return true;
}

}  // namespace chopin::json
