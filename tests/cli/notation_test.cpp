#include "cli/notation.hpp"

#include <chrono>

#include <gtest/gtest.h>

namespace chopin::cli {
namespace {

using namespace std::chrono_literals;

TEST(Notation, bools_have_eight_spellings_in_any_case) {
  for (const char* yes : {"true", "TRUE", "1", "yes", "On"}) EXPECT_EQ(to_bool(yes), true) << yes;
  for (const char* no : {"false", "0", "No", "off"}) EXPECT_EQ(to_bool(no), false) << no;
  for (const char* bad : {"", "2", "y", "t", "truee", " true"}) EXPECT_EQ(to_bool(bad), std::nullopt) << bad;
}

TEST(Notation, sizes_are_powers_of_1024) {
  EXPECT_EQ(to_size("8192"), 8192U);
  EXPECT_EQ(to_size("8K"), 8192U);
  EXPECT_EQ(to_size("8kib"), 8192U);
  EXPECT_EQ(to_size("1MiB"), 1048576U);
  EXPECT_EQ(to_size("2G"), 2147483648U);
  for (const char* bad : {"", "K", "1X", "1 K", "1.5K", "-1", "18446744073709551615K"}) {
    EXPECT_EQ(to_size(bad), std::nullopt) << bad;
  }
}

TEST(Notation, durations_have_a_unit) {
  EXPECT_EQ(to_duration("500ms"), 500ms);
  EXPECT_EQ(to_duration("10s"), 10s);
  EXPECT_EQ(to_duration("2m"), 2min);
  EXPECT_EQ(to_duration("1h"), 1h);
  EXPECT_EQ(to_duration("0s"), 0ms);
  for (const char* bad : {"", "10", "s", "1.5s", "10 s", "10sec", "-1s", "99999999999h"}) {
    EXPECT_EQ(to_duration(bad), std::nullopt) << bad;
  }
}

}  // namespace
}  // namespace chopin::cli
