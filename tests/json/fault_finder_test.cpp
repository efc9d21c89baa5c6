#include <cstddef>
#include <string>

#include <gtest/gtest.h>

#include "chopin/json.hpp"
#include "json/grammar.hpp"

namespace chopin::json {
namespace {

TEST(FaultFinder, refuses_each_byte_that_a_plain_string_must_not_have_wherever_it_is) {
  for (std::size_t at = 1; at <= 32; ++at) {
    for (const char c : {'\x00', '\x1f', '\x80', '\xff', '\n'}) {
      std::string text = '"' + std::string(32, '!') + '"';
      text[at] = c;
      EXPECT_EQ(find_fault(text).offset, at);
      EXPECT_NE(find_fault(text).reason, "");
    }
    for (const char c : {' ', '~', '\x7f', '#', ']', '['}) {
      std::string text = '"' + std::string(32, '!') + '"';
      text[at] = c;
      EXPECT_EQ(find_fault(text).reason, "");
    }
  }
}

}  // namespace
}  // namespace chopin::json
