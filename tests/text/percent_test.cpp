#include "text/percent.hpp"

#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "chopin/percent.hpp"

namespace chopin::text {
namespace {

TEST(PercentEncoded, leaves_unreserved_characters_alone) {
  const std::string unreserved = "ABCXYZabcxyz0189-._~";
  EXPECT_EQ(percent_encoded(unreserved), unreserved);
}

TEST(PercentEncoded, encodes_what_would_end_a_segment_or_a_field) {
  EXPECT_EQ(percent_encoded("old n\xc3\xb6vels?/#%\r\n"), "old%20n%C3%B6vels%3F%2F%23%25%0D%0A");
}

TEST(PercentEncoded, is_decoded_to_the_same_bytes) {
  for (int byte = 0; byte < 256; ++byte) {
    const char c = static_cast<char>(byte);
    const std::string encoded = percent_encoded(std::string(1, c));
    if (encoded.size() == 1) {
      EXPECT_EQ(encoded[0], c);
    } else {
      EXPECT_EQ(decode_percent(encoded), c);
    }
  }
}

}  // namespace
}  // namespace chopin::text
