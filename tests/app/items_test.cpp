#include "app/items.hpp"

#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace chopin::app {
namespace {

using namespace std::string_view_literals;

TEST(Items, are_written_as_the_benchmark_names_their_members) {
  ByteBuffer out;
  JsonWriter writer(out);
  write_item(writer, {7, "a \"lamp\"", "office", 30, 2, true, {R"(["new","sale"])"}, 41, 9});
  EXPECT_EQ(out.bytes(), R"({"id":7,"name":"a \"lamp\"","category":"office","price":30,"quantity":2,)"
                         R"("active":true,"tags":["new","sale"],"rating":{"score":41,"count":9}})");
}

TEST(Items, are_listed_with_commas_between_them_or_not_at_all) {
  data::Result result;
  for (const std::int32_t id : {1, 2}) {
    data::append_value(result.values, id);
    for (int text = 0; text < 2; ++text) data::append_value(result.values, "x"sv);
    for (int number = 0; number < 2; ++number) data::append_value(result.values, std::int32_t{3});
    data::append_value(result.values, false);
    data::append_value(result.values, JsonText{"[]"});
    for (int number = 0; number < 2; ++number) data::append_value(result.values, std::int32_t{4});
    ++result.rows;
  }
  const auto list_of = [](const ItemRows& items) {
    ByteBuffer out;
    JsonWriter writer(out);
    writer.begin_object();
    write_items(writer, items);
    writer.end_object();
    return std::string(out.bytes());
  };
  const std::string rest = R"(,"name":"x","category":"x","price":3,"quantity":3,"active":false,"tags":[],)"
                           R"("rating":{"score":4,"count":4}})";
  EXPECT_EQ(list_of(ItemRows(std::move(result))),
            R"({"items":[{"id":1)" + rest + R"(,{"id":2)" + rest + "]}");
  EXPECT_EQ(list_of(ItemRows()), R"({"items":[]})");
}

}  // namespace
}  // namespace chopin::app
