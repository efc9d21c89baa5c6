#include "http/field_rules.hpp"

#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace chopin::http {
namespace {

TEST(FieldRules, accept_only_tokens_as_names) {
  constexpr std::string_view token_bytes =
      "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";  // RFC 9110
                                                                                        // section 5.6.2
  for (int byte = 0; byte < 256; ++byte) {
    const std::string name{'X', static_cast<char>(byte)};
    const bool is_token = token_bytes.find(static_cast<char>(byte)) != std::string_view::npos;
    EXPECT_EQ(fault_of_field(name, ""), is_token ? "" : "illegal field name") << byte;
  }
  EXPECT_EQ(fault_of_field("", ""), "illegal field name");
}

TEST(FieldRules, accept_values_of_visible_bytes_with_white_space_between_them) {
  for (int byte = 0; byte < 256; ++byte) {
    const auto c = static_cast<char>(byte);
    const bool is_white_space = c == ' ' || c == '\t';
    const bool is_visible = byte > 0x20 && byte != 0x7f;
    EXPECT_EQ(is_field_value(std::string{'a', c, 'b'}), is_visible || is_white_space) << byte;
    EXPECT_EQ(is_field_value(std::string{c}), is_visible) << byte;
    EXPECT_EQ(is_field_value(std::string{'a', c}), is_visible) << byte;
    EXPECT_EQ(is_field_value(std::string{c, 'a'}), is_visible) << byte;
  }
  EXPECT_TRUE(is_field_value(""));
}

TEST(FieldRules, name_the_first_fault) {
  EXPECT_EQ(fault_of_field("X Y", "\n"), "illegal field name");
  EXPECT_EQ(fault_of_field("Date", "\n"), "the server itself writes the field");
  EXPECT_EQ(fault_of_field("X", "\n"), "illegal value of the field");
  EXPECT_EQ(fault_of_field("content-type", "\n"),
            "the type is set with the body, by Response::body or FastRoute::raw, not as a field");
}

}  // namespace
}  // namespace chopin::http
