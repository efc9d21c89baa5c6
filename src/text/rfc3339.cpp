#include "text/rfc3339.hpp"

#include <algorithm>

namespace chopin::text {
namespace {

using std::chrono::year_month_day;

constexpr std::int64_t seconds_a_day = 86'400;

/// Reads a text from left to right; once something does not fit, nothing does.
class Scanner {
 public:
  explicit Scanner(std::string_view text) noexcept : rest_(text) {}

  /// So many digits.
  int number(std::size_t digits, int most) noexcept {
    int value = 0;
    for (std::size_t i = 0; i < digits; ++i) {
      if (!at_digit()) return fail();
      value = value * 10 + (rest_.front() - '0');
      rest_.remove_prefix(1);
    }
    return value <= most ? value : fail();
  }
  [[nodiscard]] bool at_digit() const noexcept {
    return !rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9';
  }
  /// The next character, if it is one of these; else 0.
  char take(std::string_view choices) noexcept {
    if (rest_.empty() || choices.find(rest_.front()) == std::string_view::npos) return 0;
    const char taken = rest_.front();
    rest_.remove_prefix(1);
    return taken;
  }
  void expect(std::string_view choices) noexcept {
    if (take(choices) == 0) fail();
  }
  int fail() noexcept {
    failed_ = true;
    return 0;
  }
  [[nodiscard]] bool is_done() const noexcept { return !failed_ && rest_.empty(); }

 private:
  std::string_view rest_;
  bool failed_ = false;
};

year_month_day scan_date(Scanner& scan) noexcept {
  constexpr int last_year = 9999;
  const int year = scan.number(4, last_year);
  scan.expect("-");
  const int month = scan.number(2, 12);
  scan.expect("-");
  const int day = scan.number(2, 31);
  const year_month_day date{std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
                            std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok()) scan.fail();
  return date;
}

std::int64_t scan_time(Scanner& scan) noexcept {
  const int hours = scan.number(2, 23);
  scan.expect(":");
  const int minutes = scan.number(2, 59);
  scan.expect(":");
  return (hours * 60 + minutes) * 60 + scan.number(2, 59);
}

/// The digits after the point, in units of which `ticks` make a second.
std::int64_t scan_fraction(Scanner& scan, std::int64_t ticks) noexcept {
  if (scan.take(".") == 0) return 0;
  if (!scan.at_digit()) return scan.fail();
  std::int64_t fraction = 0;
  for (std::int64_t unit = ticks / 10; scan.at_digit(); unit /= 10) {
    const int digit = scan.number(1, 9);
    if (unit == 0 && digit != 0) scan.fail();  // finer than the unit
    fraction += unit * digit;
  }
  return fraction;
}

/// How many seconds the local time is ahead of UTC.
std::int64_t scan_offset(Scanner& scan) noexcept {
  if (scan.take("Zz") != 0) return 0;
  const char sign = scan.take("+-");
  if (sign == 0) return scan.fail();
  const int hours = scan.number(2, 23);
  scan.expect(":");
  const std::int64_t ahead = (std::int64_t{hours} * 60 + scan.number(2, 59)) * 60;
  return sign == '-' ? -ahead : ahead;
}

/// Appends to a text that has room.
class Writer {
 public:
  void character(char c) noexcept { text_.characters[text_.size++] = c; }
  void number(std::int64_t value, std::size_t digits) noexcept {
    for (std::size_t place = digits; place-- > 0; value /= 10) {
      text_.characters[text_.size + place] = static_cast<char>('0' + value % 10);
    }
    text_.size += digits;
  }
  void date(year_month_day date) noexcept {
    number(int{date.year()}, 4);
    character('-');
    number(unsigned{date.month()}, 2);
    character('-');
    number(unsigned{date.day()}, 2);
  }
  void time(std::int64_t seconds) noexcept {
    number(seconds / 3600, 2);
    character(':');
    number(seconds / 60 % 60, 2);
    character(':');
    number(seconds % 60, 2);
  }
  [[nodiscard]] const DateText& text() const noexcept { return text_; }

 private:
  DateText text_;
};

bool has_text(year_month_day date) noexcept {
  return date.ok() && int{date.year()} >= 0 && int{date.year()} <= 9999;
}

std::int64_t floor_of(std::int64_t number, std::int64_t divisor) noexcept {
  return number / divisor - (number % divisor < 0 ? 1 : 0);
}

}  // namespace

std::optional<year_month_day> parse_date(std::string_view text) noexcept {
  Scanner scan(text);
  const year_month_day date = scan_date(scan);
  return scan.is_done() ? std::optional(date) : std::nullopt;
}

std::optional<std::int64_t> parse_date_time(std::string_view text, std::int64_t ticks) noexcept {
  Scanner scan(text);
  const year_month_day date = scan_date(scan);
  scan.expect("Tt");
  std::int64_t seconds = scan_time(scan);
  const std::int64_t fraction = scan_fraction(scan, ticks);
  seconds -= scan_offset(scan);
  if (!scan.is_done()) return std::nullopt;
  seconds += std::chrono::sys_days(date).time_since_epoch().count() * seconds_a_day;
  std::int64_t time = 0;
  const bool overflows =
      __builtin_mul_overflow(seconds, ticks, &time) || __builtin_add_overflow(time, fraction, &time);
  return overflows ? std::nullopt : std::optional(time);
}

std::optional<DateText> date_text(year_month_day date) noexcept {
  if (!has_text(date)) return std::nullopt;
  Writer writer;
  writer.date(date);
  return writer.text();
}

std::optional<DateText> date_time_text(std::int64_t time, std::int64_t ticks) noexcept {
  const std::int64_t seconds = floor_of(time, ticks);
  const std::int64_t days = floor_of(seconds, seconds_a_day);
  constexpr std::int64_t most_days = 4'000'000;  // more than the years to 9999 have
  if (days < -most_days || days > most_days) return std::nullopt;
  const year_month_day date{std::chrono::sys_days(std::chrono::days(days))};
  if (!has_text(date)) return std::nullopt;
  Writer writer;
  writer.date(date);
  writer.character('T');
  writer.time(seconds - days * seconds_a_day);
  if (ticks > 1) {
    std::size_t digits = 0;
    for (std::int64_t unit = ticks; unit > 1; unit /= 10) ++digits;
    writer.character('.');
    writer.number(time - seconds * ticks, digits);
  }
  writer.character('Z');
  return writer.text();
}

}  // namespace chopin::text
