#include "text/number.hpp"

#include <gtest/gtest.h>

namespace chopin::text {
namespace {

TEST(Number, accepts_decimal_digits_only) {
  EXPECT_EQ(to_number("0"), 0U);
  EXPECT_EQ(to_number("18446744073709551615"), UINT64_MAX);
  for (const char* bad : {"", " 1", "1 ", "+1", "-1", "0x1", "1.0", "1e3", "18446744073709551616"}) {
    EXPECT_EQ(to_number(bad), std::nullopt) << bad;
  }
}

}  // namespace
}  // namespace chopin::text
