#include "app/parameters.hpp"

#include <string>

#include <gtest/gtest.h>

namespace chopin::app {
namespace {

constexpr IntegerRange range{1, 500, 7};

TEST(Parameters, are_moved_into_their_range) {
  EXPECT_EQ(to_integer("1", range), 1);
  EXPECT_EQ(to_integer("500", range), 500);
  EXPECT_EQ(to_integer("0", range), 1);
  EXPECT_EQ(to_integer("501", range), 500);
  EXPECT_EQ(to_integer("-1", range), 1);
}

TEST(Parameters, may_have_any_number_of_digits) {
  EXPECT_EQ(to_integer("007", range), 7);
  EXPECT_EQ(to_integer(std::string(50, '0') + "42", range), 42);
  EXPECT_EQ(to_integer("9223372036854775808", range), 500);
  EXPECT_EQ(to_integer("-9223372036854775809", range), 1);
  EXPECT_EQ(to_integer(std::string(1000, '9'), range), 500);
}

TEST(Parameters, that_are_no_integers_have_the_value_for_a_missing_one) {
  for (const std::string text : {"", "foo", "1.5", "2x", " 2", "+2", "-", "--2", "0x2", "1e2"}) {
    EXPECT_EQ(to_integer(text, range), range.otherwise) << text;
  }
  const std::string too_long = std::string(50, '9') + "x";
  EXPECT_EQ(to_integer(too_long, range), range.otherwise);
}

TEST(Parameters, are_found_in_the_query_percent_decoded_and_the_first_counts) {
  const auto read = [](std::string_view target) {
    return integer_parameter(Request({.target = target}), "n", range);
  };
  EXPECT_EQ(read("/?n=2"), 2);
  EXPECT_EQ(read("/?m=3&n=%32%30"), 20);
  EXPECT_EQ(read("/?n=3&n=4"), 3);
  EXPECT_EQ(read("/?n"), range.otherwise);
  EXPECT_EQ(read("/"), range.otherwise);
}

}  // namespace
}  // namespace chopin::app
