#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "chopin/error.hpp"
#include "chopin/request.hpp"

namespace chopin {
namespace search {

enum class Order : std::uint8_t { newest, cheapest };
constexpr auto json_names(Order) {
  return std::to_array<EnumName<Order>>({{Order::newest, "newest"}, {Order::cheapest, "cheapest"}});
}

struct Page {
  std::string text;
  std::uint16_t size = 20;
  std::vector<std::int64_t> ids;
  std::optional<std::chrono::year_month_day> since;
  Order order = Order::newest;
  bool only_new = false;
  double most = 1.5;

  static constexpr auto json_members = members(
      member("text", &Page::text).length(1, 5), member("size", &Page::size).range(1, 100).or_default(),
      member("id", &Page::ids).items(0, 3).range(1, 9), member("since", &Page::since),
      member("order", &Page::order).or_default(), member("only_new", &Page::only_new).or_default(),
      member("most", &Page::most).or_default());
};

struct Login {
  std::string user;
  static constexpr auto json_members = members(member("user", &Login::user)).ignore_others();
};

struct Wanted {
  std::vector<int> ids;
  static constexpr auto json_members = members(member("id", &Wanted::ids).items(1, 2));
};

}  // namespace search

namespace {

using search::Login;
using search::Page;
using search::Wanted;

template <class Value>
std::string refusal_of_form(std::string_view encoded) {
  try {
    static_cast<void>(Form(encoded).as<Value>());
  } catch (const HttpError& error) {
    std::string said = std::to_string(error.status());
    for (const auto& [name, fault] : error.fields()) said += "; " + name + ' ' + fault;
    return said;
  }
  return "nothing";
}

TEST(FormStruct, reads_a_query_with_all_that_is_in_it) {
  const auto page = Request({.target = "/?text=b%C3%A4r+7&size=100&id=1&since=2026-01-31&id=%32&order="
                                       "cheapest&only_new=on&most=-1e3"})
                        .query<Page>();
  EXPECT_EQ(page.text, "b\xc3\xa4r 7");
  EXPECT_EQ(page.size, 100);
  EXPECT_EQ(page.ids, (std::vector<std::int64_t>{1, 2}));
  EXPECT_EQ(page.since, std::chrono::year(2026) / 1 / 31);
  EXPECT_EQ(page.order, search::Order::cheapest);
  EXPECT_TRUE(page.only_new);
  EXPECT_EQ(page.most, -1000);
}

TEST(FormStruct, leaves_what_is_missing_or_empty_as_it_is_in_a_new_struct) {
  const auto page = Form("text=x&size=&since=&only_new=&id=").as<Page>();
  EXPECT_EQ(page.size, 20);
  EXPECT_EQ(page.since, std::nullopt);
  EXPECT_FALSE(page.only_new);
  EXPECT_TRUE(page.ids.empty());
}

TEST(FormStruct, reports_all_faults_at_once) {
  EXPECT_EQ(refusal_of_form<Page>("size=0&id=1&id=10&since=today&order=best&only_new=maybe&most=x&other=1"),
            "422; size must be an integer from 1 to 100; id must be an integer from 1 to 9"
            "; since must be a date such as 2026-01-31; order must be one of: newest, cheapest"
            "; only_new must be true or false; most must be a number; other is not known; text is missing");
  EXPECT_EQ(refusal_of_form<Page>("text=abcdef"), "422; text must be a string of 1 to 5 characters");
  EXPECT_EQ(refusal_of_form<Page>("text=%ff"), "422; text must be a string of 1 to 5 characters");
}

TEST(FormStruct, refuses_a_name_that_is_there_twice_unless_it_is_a_vector) {
  EXPECT_EQ(refusal_of_form<Page>("text=a&te%78t=b"), "422; text is there twice");
  EXPECT_EQ(refusal_of_form<Page>("text=a&id=1&id=2&id=3&id=4&id=5"),
            "422; id must be an array of at most 3 elements");
}

TEST(FormStruct, wants_as_many_values_as_the_vector_does) {
  EXPECT_EQ(refusal_of_form<Wanted>(""), "422; id must be an array of 1 to 2 elements");
  EXPECT_EQ(refusal_of_form<Wanted>("id=1&id=2"), "nothing");
}

TEST(FormStruct, ignores_other_names_where_that_is_declared) {
  EXPECT_EQ(Form("csrf=x&user=anna&csrf=y").as<Login>().user, "anna");
}

TEST(FormStruct, reports_at_most_a_hundred_faults) {
  std::string encoded;
  for (int i = 0; i < 200; ++i) encoded += "x" + std::to_string(i) + "=1&";
  EXPECT_EQ(refusal_of_form<Wanted>(encoded).find("x100 "), std::string::npos);
  EXPECT_NE(refusal_of_form<Wanted>(encoded).find("x99 "), std::string::npos);
}

TEST(FormStruct, is_read_from_a_body_that_says_it_is_a_form) {
  const std::array fields{Field{"Content-Type", "application/x-www-form-urlencoded"}};
  EXPECT_EQ(Request({.fields = fields, .body = "user=anna"}).form<Login>().user, "anna");
  EXPECT_THROW(static_cast<void>(Request({.body = "user=anna"}).form<Login>()), HttpError);
}

}  // namespace
}  // namespace chopin
