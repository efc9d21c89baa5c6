#include "http/http_date.hpp"

#include <gtest/gtest.h>

namespace chopin::http {
namespace {

TEST(HttpDate, matches_the_example_of_rfc_9110) {
  EXPECT_EQ(HttpDate(784111777).text(), "Sun, 06 Nov 1994 08:49:37 GMT");
}

TEST(HttpDate, begins_at_the_epoch) {
  EXPECT_EQ(HttpDate(0).text(), "Thu, 01 Jan 1970 00:00:00 GMT");
}

TEST(HttpDate, knows_leap_days) {
  EXPECT_EQ(HttpDate(951782400).text(), "Tue, 29 Feb 2000 00:00:00 GMT");
  EXPECT_EQ(HttpDate(4107542399).text(), "Sun, 28 Feb 2100 23:59:59 GMT");
  EXPECT_EQ(HttpDate(4107542400).text(), "Mon, 01 Mar 2100 00:00:00 GMT");
}

TEST(HttpDate, agrees_with_the_c_library_on_every_month) {
  for (std::time_t seconds = 1'600'000'000; seconds < 2'000'000'000; seconds += 86'400 * 11 + 3'723) {
    char expected[64];
    std::tm parts{};
    gmtime_r(&seconds, &parts);
    std::strftime(expected, sizeof expected, "%a, %d %b %Y %H:%M:%S GMT", &parts);
    EXPECT_EQ(HttpDate(seconds).text(), expected);
  }
}

}  // namespace
}  // namespace chopin::http
