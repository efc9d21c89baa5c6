#include "chopin/cursor.hpp"

#include <cstdint>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "text/base64url.hpp"

namespace chopin {
namespace {

struct Place {
  std::int64_t created = 0;
  std::string name;

  static constexpr auto json_members =
      members(member("created", &Place::created), member("name", &Place::name));
};

/// What a refused cursor is told, empty for one that is read.
std::string fault_of(std::string_view cursor) {
  try {
    (void)read_cursor<Place>("after", cursor);
  } catch (const HttpError& error) {
    EXPECT_EQ(error.status(), 422);
    EXPECT_EQ(error.fields().size(), 1U);
    return error.fields().front().first + " " + error.fields().front().second;
  }
  return {};
}

TEST(Cursor, is_read_as_it_was_written) {
  const std::string cursor = write_cursor(Place{-7, "n/é\"?"});
  EXPECT_EQ(cursor.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"),
            std::string::npos);
  const auto place = read_cursor<Place>("after", cursor);
  EXPECT_EQ(place.created, -7);
  EXPECT_EQ(place.name, "n/é\"?");
}

TEST(Cursor, is_refused_by_the_name_of_its_parameter) {
  const std::string refused = "after is not a cursor of this list";
  const std::string cursor = write_cursor(Place{1, "n"});
  for (const std::string& text :
       {std::string(), std::string("!"), cursor + "=", cursor.substr(1), cursor + cursor,
        text::encode_base64url(R"({"created":1})"), text::encode_base64url(R"({"created":1,"name":2})"),
        text::encode_base64url(R"({"created":99999999999999999999,"name":""})")}) {
    EXPECT_EQ(fault_of(text), refused) << text;
  }
  EXPECT_EQ(fault_of(cursor), "");
}

}  // namespace
}  // namespace chopin
