#include "http/http_date.hpp"

#include <chrono>

#include "text/copy.hpp"

namespace chopin::http {

HttpDate::HttpDate(std::time_t seconds) noexcept {
  using namespace std::chrono;
  constexpr std::string_view days = "SunMonTueWedThuFriSat";
  constexpr std::string_view months = "JanFebMarAprMayJunJulAugSepOctNovDec";

  const sys_seconds now{std::chrono::seconds{seconds}};
  const auto today = floor<std::chrono::days>(now);
  const year_month_day date{today};
  const hh_mm_ss time{now - today};

  char* out = text_.data();
  const auto put = [&out](std::string_view text) { out = text::put(out, text); };
  const auto put_number = [&out](unsigned number, unsigned digits) {
    for (unsigned place = digits; place > 0; --place, number /= 10) {
      out[place - 1] = static_cast<char>('0' + number % 10);
    }
    out += digits;
  };

  put(days.substr(std::size_t{weekday{today}.c_encoding()} * 3, 3));
  put(", ");
  put_number(static_cast<unsigned>(date.day()), 2);
  put(" ");
  put(months.substr((std::size_t{static_cast<unsigned>(date.month())} - 1) * 3, 3));
  put(" ");
  put_number(static_cast<unsigned>(static_cast<int>(date.year())), 4);
  put(" ");
  put_number(static_cast<unsigned>(time.hours().count()), 2);
  put(":");
  put_number(static_cast<unsigned>(time.minutes().count()), 2);
  put(":");
  put_number(static_cast<unsigned>(time.seconds().count()), 2);
  put(" GMT");
}

}  // namespace chopin::http
