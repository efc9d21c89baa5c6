#include "text/rfc3339.hpp"

#include <chrono>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace chopin::text {
namespace {

constexpr std::int64_t seconds = 1;
constexpr std::int64_t milliseconds = 1000;
constexpr std::int64_t nanoseconds = 1'000'000'000;

std::string again(std::string_view text, std::int64_t ticks) {
  const auto time = parse_date_time(text, ticks);
  if (!time) return "none";
  const auto written = date_time_text(*time, ticks);
  return written ? std::string(written->view()) : "no text";
}

TEST(Rfc3339, reads_the_examples_of_section_5_8) {
  EXPECT_EQ(again("1985-04-12T23:20:50.52Z", milliseconds), "1985-04-12T23:20:50.520Z");
  EXPECT_EQ(again("1996-12-19T16:39:57-08:00", seconds), "1996-12-20T00:39:57Z");
  EXPECT_EQ(again("1937-01-01T12:00:27.87+00:20", milliseconds), "1937-01-01T11:40:27.870Z");
}

TEST(Rfc3339, has_no_place_for_leap_seconds) {
  EXPECT_EQ(again("1990-12-31T23:59:60Z", seconds), "none");
}

TEST(Rfc3339, reads_small_letters_and_any_zeros_after_the_unit) {
  EXPECT_EQ(again("2026-01-31t00:00:00.500000000000z", milliseconds), "2026-01-31T00:00:00.500Z");
}

TEST(Rfc3339, loses_nothing) {
  EXPECT_EQ(again("2026-01-31T00:00:00.5Z", seconds), "none");
  EXPECT_EQ(again("2026-01-31T00:00:00.0001Z", milliseconds), "none");
  EXPECT_EQ(again("9999-12-31T23:59:59Z", nanoseconds), "none");  // beyond 64 bits
  EXPECT_EQ(again("2026-01-31T00:00:00.000000001Z", nanoseconds), "2026-01-31T00:00:00.000000001Z");
}

TEST(Rfc3339, refuses_what_is_not_a_date_and_time) {
  for (const std::string_view text :
       {"", "2026-01-31", "2026-01-31T00:00:00", "2026-01-31 00:00:00Z", "2026-1-31T00:00:00Z",
        "2026-01-31T24:00:00Z", "2026-01-31T00:60:00Z", "2026-01-31T00:00:00.Z", "2026-01-31T00:00:00+24:00",
        "2026-01-31T00:00:00+01", "2026-01-31T00:00:00ZZ", "2026-02-29T00:00:00Z", "+026-01-31T00:00:00Z",
        "2026-01-31T00:00:00Z "}) {
    EXPECT_EQ(again(text, seconds), "none") << text;
  }
}

TEST(Rfc3339, reads_days_of_the_calendar_only) {
  EXPECT_EQ(parse_date("2024-02-29"), std::chrono::year(2024) / 2 / 29);
  for (const std::string_view text : {"2023-02-29", "2026-00-01", "2026-13-01", "2026-01-00", "2026-04-31",
                                      "26-01-01", "2026-01-01x", "2026/01/01"}) {
    EXPECT_EQ(parse_date(text), std::nullopt) << text;
  }
}

TEST(Rfc3339, writes_years_of_four_digits_only) {
  EXPECT_EQ(date_text(std::chrono::year(7) / 8 / 9)->view(), "0007-08-09");
  EXPECT_FALSE(date_text(std::chrono::year(10000) / 1 / 1));
  EXPECT_FALSE(date_text(std::chrono::year(2023) / 2 / 29));
  EXPECT_FALSE(date_time_text(std::numeric_limits<std::int64_t>::max(), seconds));
  EXPECT_FALSE(date_time_text(std::numeric_limits<std::int64_t>::min(), seconds));
  EXPECT_EQ(date_time_text(-1, milliseconds)->view(), "1969-12-31T23:59:59.999Z");
}

}  // namespace
}  // namespace chopin::text
