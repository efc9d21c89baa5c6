#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

/// Dates and times as RFC 3339 section 5.6 has them, of the years 0 to 9999.
namespace chopin::text {

/// `full-date`: 2026-01-31. None for a day that is not in the calendar.
std::optional<std::chrono::year_month_day> parse_date(std::string_view text) noexcept;

/// `date-time`: 2026-01-31T23:59:59.5+01:00, since 1970 in units of which `ticks` make a second (a power of
/// ten up to 10^9). None where the unit is too coarse for it, and for a leap second, which this count of
/// seconds has no place for.
std::optional<std::int64_t> parse_date_time(std::string_view text, std::int64_t ticks) noexcept;

/// A text of its own.
struct DateText {
  std::array<char, 40> characters{};
  std::size_t size = 0;
  [[nodiscard]] std::string_view view() const noexcept { return {characters.data(), size}; }
};

/// None for what has no such form.
std::optional<DateText> date_text(std::chrono::year_month_day date) noexcept;
/// In UTC, with as many digits after the second as `ticks` needs.
std::optional<DateText> date_time_text(std::int64_t time, std::int64_t ticks) noexcept;

}  // namespace chopin::text
