#include "json/scalar.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <string>

#include "json/rules.hpp"
#include "text/rfc3339.hpp"

namespace chopin::json {
namespace {

namespace ondemand = simdjson::ondemand;

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

bool read_signed(ondemand::value& value, const Type& type, const Rules& rules, void* into) {
  std::int64_t number = 0;
  if (value.get_int64().get(number) != simdjson::SUCCESS || !is_in_range(number, rules)) return false;
  const std::int64_t beyond = number >> (type.bytes * 8 - 1);
  if (beyond != 0 && beyond != -1) return false;
  store(into, static_cast<std::uint64_t>(number), type.bytes);
  return true;
}

bool read_unsigned(ondemand::value& value, const Type& type, const Rules& rules, void* into) {
  std::uint64_t number = 0;
  if (value.get_uint64().get(number) != simdjson::SUCCESS || !is_in_range(number, rules)) return false;
  if (number >> (type.bytes * 8 - 1) > 1) return false;
  store(into, number, type.bytes);
  return true;
}

bool read_number(ondemand::value& value, const Type& type, const Rules& rules, void* into) {
  double number = 0;
  if (value.get_double().get(number) != simdjson::SUCCESS || !is_in_range(number, rules)) return false;
  if (type.bytes == sizeof number) {
    *static_cast<double*>(into) = number;
    return true;
  }
  *static_cast<float*>(into) = static_cast<float>(number);
  return std::isfinite(static_cast<float>(number));
}

bool read_text(ondemand::value& value, const Type& type, const Rules& rules, void* into) {
  std::string_view text;
  if (value.get_string().get(text) != simdjson::SUCCESS) return false;
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

}  // namespace

bool read_scalar(ondemand::value& value, const Type& type, const Rules& rules, void* into) {
  switch (type.kind) {
    case Kind::boolean: return value.get_bool().get(*static_cast<bool*>(into)) == simdjson::SUCCESS;
    case Kind::signed_integer: return read_signed(value, type, rules, into);
    case Kind::unsigned_integer: return read_unsigned(value, type, rules, into);
    case Kind::number: return read_number(value, type, rules, into);
    default: return read_text(value, type, rules, into);
  }
}

}  // namespace chopin::json
