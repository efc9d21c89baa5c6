#include "json/fault_finder.hpp"

#include <cstddef>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace chopin::json {
namespace {

JsonFault fault_in_parts(std::string_view text, std::size_t part) {
  FaultFinder finder(text);
  while (finder.read(part)) {
  }
  return finder.fault();
}

void expect_same_fault(std::string_view text) {
  const JsonFault whole = find_fault(text);
  for (std::size_t part = 1; part <= 20; ++part) {
    const JsonFault found = fault_in_parts(text, part);
    EXPECT_EQ(found.reason, whole.reason) << text << " in parts of " << part;
    EXPECT_EQ(found.offset, whole.offset) << text << " in parts of " << part;
  }
}

TEST(FaultFinder, finds_the_same_in_parts_of_any_size) {
  const std::string text =
      "[1, -2.5e+10, true , null,\"plain text of some length\\n\\ud83d\\ude00 \xc3\xa4\", \t"
      "{\"name\" : {\"\":[[], {}, false]}, \"b\":\"\"}]  ";
  ASSERT_EQ(find_fault(text).reason, "");
  expect_same_fault(text);
  for (std::size_t at = 0; at < text.size(); ++at) {
    expect_same_fault(text.substr(0, at));
    for (const char c : {'x', '"', ',', ']', '}', '\\', '\x01', '\x80'}) {
      std::string other = text;
      other[at] = c;
      expect_same_fault(other);
    }
  }
}

TEST(FaultFinder, reads_no_more_than_it_is_told_but_for_a_number) {
  const std::string text = '"' + std::string(1000, 'a') + '"';
  FaultFinder finder(text);
  std::size_t parts = 0;
  while (finder.read(100)) ++parts;
  EXPECT_EQ(parts, 10U);
  FaultFinder number("[123456789]");
  EXPECT_TRUE(number.read(2));
  EXPECT_FALSE(number.read(1));
  EXPECT_EQ(number.fault().reason, "");
}

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
