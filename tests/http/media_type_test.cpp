#include "http/media_type.hpp"

#include <array>
#include <string_view>

#include <gtest/gtest.h>

namespace chopin::http {
namespace {

TEST(MediaType, is_json_by_its_name_or_suffix) {
  for (const std::string_view type :
       {"application/json", "APPLICATION/Json", " application/json ;charset=utf-8",
        "application/vnd.api+json", "image/x+JSON; a=b"}) {
    EXPECT_TRUE(is_json(type)) << type;
  }
  for (const std::string_view type : {"", "json", "text/json", "application/jsonp", "application/json5",
                                      "+json", "application/+json", "x+json", "text/html;application/json"}) {
    EXPECT_FALSE(is_json(type)) << type;
  }
}

TEST(MediaType, is_form_by_its_name) {
  EXPECT_TRUE(is_form("application/x-www-form-urlencoded"));
  EXPECT_TRUE(is_form("Application/X-WWW-Form-URLEncoded; charset=utf-8"));
  for (const std::string_view type : {"", "multipart/form-data", "application/x-www-form-urlencoded2"}) {
    EXPECT_FALSE(is_form(type)) << type;
  }
}

TEST(MediaType, content_codings_are_those_of_all_lines_but_identity) {
  const Field other{"Accept-Encoding", "gzip"};
  const auto coded = [&other](std::string_view first, std::string_view second) {
    const std::array fields{other, Field{"Content-Encoding", first}, Field{"CONTENT-ENCODING", second}};
    return has_content_coding(fields);
  };
  EXPECT_FALSE(has_content_coding({&other, 1}));
  EXPECT_FALSE(coded("", "identity"));
  EXPECT_FALSE(coded("Identity,", ","));
  EXPECT_TRUE(coded("identity", "gzip"));
  EXPECT_TRUE(coded("deflate, identity", ""));
}

}  // namespace
}  // namespace chopin::http
