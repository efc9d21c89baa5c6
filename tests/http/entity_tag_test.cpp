#include "chopin/entity_tag.hpp"

#include <array>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

namespace chopin {
namespace {

bool is_not_modified_for(std::vector<Field> fields, std::string_view tag = R"("7")") {
  return is_not_modified(Request({.fields = fields}), tag);
}

/// 200 if nothing is thrown.
int status_of_match(std::vector<Field> fields, std::string_view tag = R"("7")") {
  try {
    IfMatch::from(Request({.fields = fields})).require(tag);
  } catch (const HttpError& error) {
    return error.status();
  }
  return 200;
}

TEST(EntityTag, is_found_in_a_list) {
  EXPECT_TRUE(is_not_modified_for({{"If-None-Match", R"("7")"}}));
  EXPECT_TRUE(is_not_modified_for({{"if-none-match", R"("6", "7" ,"8")"}}));
  EXPECT_TRUE(is_not_modified_for({{"If-None-Match", R"("6")"}, {"If-None-Match", R"("7")"}}));
  EXPECT_TRUE(is_not_modified_for({{"If-None-Match", "*"}}));
  EXPECT_TRUE(is_not_modified_for({{"If-None-Match", R"("a,b", "7")"}}));
  EXPECT_FALSE(is_not_modified_for({}));
  EXPECT_FALSE(is_not_modified_for({{"If-None-Match", R"("77")"}}));
  EXPECT_FALSE(is_not_modified_for({{"If-Match", R"("7")"}}));
}

TEST(EntityTag, is_not_found_where_it_is_only_a_part_or_malformed) {
  for (const std::string_view list :
       {"7", "\"7", "7\"", R"("a","7)", R"("a "7" b")", "", ",", "W/", "w/\"7\"", "\"*\""}) {
    EXPECT_FALSE(is_not_modified_for({{"If-None-Match", list}})) << list;
    EXPECT_NE(status_of_match({{"If-Match", list}}), 200) << list;
  }
}

TEST(EntityTag, is_compared_weakly_for_reading_and_strongly_for_changing) {
  EXPECT_TRUE(is_not_modified_for({{"If-None-Match", R"(W/"7")"}}));
  EXPECT_TRUE(is_not_modified_for({{"If-None-Match", R"("7")"}}, R"(W/"7")"));
  EXPECT_EQ(status_of_match({{"If-Match", R"(W/"7")"}}), 412);
  EXPECT_EQ(status_of_match({{"If-Match", R"(W/"7")"}}, R"(W/"7")"), 412);
}

TEST(EntityTag, must_be_named_by_a_change) {
  EXPECT_EQ(status_of_match({}), 428);
  EXPECT_EQ(status_of_match({{"If-Match", R"("6")"}}), 412);
  EXPECT_EQ(status_of_match({{"If-Match", R"("6", "7")"}}), 200);
  EXPECT_EQ(status_of_match({{"If-Match", "*"}}), 200);
}

}  // namespace
}  // namespace chopin
