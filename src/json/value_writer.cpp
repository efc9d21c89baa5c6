#include <algorithm>
#include <optional>
#include <stdexcept>

#include "chopin/json_value.hpp"
#include "text/rfc3339.hpp"

namespace chopin::json {
namespace {

void write(JsonWriter& out, const std::optional<text::DateText>& text) {
  if (!text) throw std::logic_error("write_json: a date outside the years 0 to 9999");
  out.value(text->view());
}

}  // namespace

void write_date(JsonWriter& out, std::chrono::year_month_day date) {
  write(out, text::date_text(date));
}

void write_date_time(JsonWriter& out, std::int64_t time, std::int64_t ticks) {
  write(out, text::date_time_text(time, ticks));
}

void write_enumeration(JsonWriter& out, std::int64_t number, std::span<const EnumValue> values) {
  const auto found = std::ranges::find(values, number, &EnumValue::number);
  if (found == values.end()) {
    throw std::logic_error("write_json: an enumeration has no name for " + std::to_string(number));
  }
  out.value(found->name);
}

}  // namespace chopin::json
