#include <limits>
#include <stdexcept>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "chopin/error.hpp"
#include "chopin/json.hpp"

namespace chopin {
namespace {

/// Status, message and fields of the HttpError that `action` throws.
template <class Action>
std::string thrown(Action action) {
  try {
    action();
  } catch (const HttpError& error) {
    std::string text = std::to_string(error.status()) + ' ' + error.what();
    for (const auto& [name, fault] : error.fields()) text += "; " + name + ' ' + fault;
    return text;
  }
  return "nothing";
}

template <class Value>
Value read(std::string_view text, std::string_view name = "a") {
  Value value{};
  JsonObject(text).required(name, value).check();
  return value;
}

template <class Value>
std::string refusal(std::string_view text, std::string_view name = "a") {
  return thrown([&] { read<Value>(text, name); });
}

TEST(JsonObject, reads_each_type_of_member) {
  EXPECT_EQ(read<std::string>(R"({"a":"x"})"), "x");
  EXPECT_TRUE(read<bool>(R"({"a":true})"));
  EXPECT_EQ(read<std::int64_t>(R"({"a":-9223372036854775808})"), std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(read<std::uint64_t>(R"({"a":18446744073709551615})"), std::numeric_limits<std::uint64_t>::max());
  EXPECT_EQ(read<double>(R"({"a":0.1})"), 0.1);
  EXPECT_EQ(read<double>(R"({"a":7})"), 7.0);
}

TEST(JsonObject, takes_no_null_pointer) {
  const char* volatile none = nullptr;
  EXPECT_THROW(JsonObject{none}, std::invalid_argument);
  EXPECT_THROW(JsonObject::validate(none), std::invalid_argument);
}

TEST(JsonObject, resolves_escapes_in_strings_and_names) {
  EXPECT_EQ(read<std::string>(R"({"a":"\"\u00e4\ud83d\ude00\u0000"})"),
            std::string_view("\"\xc3\xa4\xf0\x9f\x98\x80\0", 8));
  EXPECT_EQ(read<std::int64_t>(R"({"\u0061":1})"), 1);
  EXPECT_EQ(read<std::int64_t>(R"({"b":1,"a\"":2})", "a\""), 2);
}

TEST(JsonObject, reads_the_first_of_several_members_with_the_same_name) {
  EXPECT_EQ(read<std::int64_t>(R"({"a":1,"a":2})"), 1);
  EXPECT_EQ(read<std::int64_t>(R"({"\u0061":1,"a":2})"), 1);
}

TEST(JsonObject, reads_members_in_any_order_and_more_than_once) {
  std::string long_one;
  std::string again;
  std::int64_t number = 0;
  JsonObject object(R"({"x":{"b":3},"b":[1,{"a":5}],"a":")" + std::string(100, 'y') + R"(","n":4})");
  object.required("n", number).required("a", long_one).check();
  EXPECT_EQ(number, 4);
  for (int i = 0; i < 50; ++i) object.required("a", again).required("/x/b", number).check();
  EXPECT_EQ(again, long_one);
  EXPECT_EQ(long_one, std::string(100, 'y'));
  EXPECT_EQ(number, 3);
}

TEST(JsonObject, follows_json_pointers) {
  const std::string text = R"({"a":{"b":[10,{"c":11}],"":12},"/":13,"~1":14,"":{"x":15},"a/b":16})";
  EXPECT_EQ(read<std::int64_t>(text, "/a/b/0"), 10);
  EXPECT_EQ(read<std::int64_t>(text, "/a/b/1/c"), 11);
  EXPECT_EQ(read<std::int64_t>(text, "/a/"), 12);
  EXPECT_EQ(read<std::int64_t>(text, "/~1"), 13);
  EXPECT_EQ(read<std::int64_t>(text, "/~01"), 14);
  EXPECT_EQ(read<std::int64_t>(text, "//x"), 15);
  EXPECT_EQ(read<std::int64_t>(text, "a/b"), 16);
  for (const std::string none : {"/b", "/a/b/2", "/a/b/-", "/a/b/00", "/a/b/0/x", "/a/b/1/c/d", "/a/x/y"}) {
    EXPECT_EQ(refusal<std::int64_t>(text, none), "422 the body has invalid members; " + none + " is missing");
  }
}

TEST(JsonObject, refuses_a_member_of_the_wrong_type) {
  const std::string head = "422 the body has invalid members; a ";
  for (const std::string other : {"null", "[]", "{}", "1", "true"}) {
    EXPECT_EQ(refusal<std::string>(R"({"a":)" + other + '}'), head + "must be a string") << other;
  }
  for (const std::string other : {"null", "[]", "0", "\"true\""}) {
    EXPECT_EQ(refusal<bool>(R"({"a":)" + other + '}'), head + "must be a boolean") << other;
  }
  for (const std::string other : {"1.0", "1e2", "9223372036854775808", "\"1\"", "true", "{}"}) {
    EXPECT_EQ(refusal<std::int64_t>(R"({"a":)" + other + '}'), head + "must be an integer of 64 bits")
        << other;
  }
  for (const std::string other : {"-1", "1.0", "1e2", "18446744073709551616", "\"1\"", "[1]"}) {
    EXPECT_EQ(refusal<std::uint64_t>(R"({"a":)" + other + '}'),
              head + "must be an unsigned integer of 64 bits")
        << other;
  }
  for (const std::string other : {"1e400", "\"1\"", "null", "[1]"}) {
    EXPECT_EQ(refusal<double>(R"({"a":)" + other + '}'), head + "must be a number") << other;
  }
}

TEST(JsonObject, an_optional_member_may_be_missing_or_null_but_not_of_another_type) {
  std::int64_t count = 5;
  std::string name = "as before";
  JsonObject(R"({"name":null})").optional("count", count).optional("name", name).check();
  EXPECT_EQ(count, 5);
  EXPECT_EQ(name, "as before");
  JsonObject(R"({"count":6,"name":"new"})").optional("count", count).optional("name", name).check();
  EXPECT_EQ(count, 6);
  EXPECT_EQ(name, "new");
  EXPECT_EQ(thrown([&] { JsonObject(R"({"count":"x"})").optional("count", count).check(); }),
            "422 the body has invalid members; count must be an integer of 64 bits");
  EXPECT_EQ(count, 6);
}

TEST(JsonObject, names_every_fault_at_once) {
  std::string name;
  bool on = false;
  JsonObject object(R"({"on":1})");
  object.required("name", name).required("on", on).refuse("price", "must be positive");
  EXPECT_EQ(
      thrown([&] { object.check(); }),
      "422 the body has invalid members; name is missing; on must be a boolean; price must be positive");
}

TEST(JsonObject, names_only_the_first_fault_of_a_member) {
  std::int64_t quantity = 0;
  JsonObject object(R"({"quantity":"1"})");
  object.required("quantity", quantity).refuse("quantity", "must be 1..99").refuse("price", "is too low");
  object.refuse("price", "is too high").required("quantity", quantity);
  EXPECT_EQ(thrown([&] { object.check(); }),
            "422 the body has invalid members; quantity must be an integer of 64 bits; price is too low");
}

TEST(JsonObject, says_which_members_it_has_read) {
  std::int64_t a = 1;
  std::string b;
  JsonObject object(R"({"a":2,"b":3,"c":null,"o":{"x":4}})");
  object.required("a", a).required("b", b).optional("c", a).optional("d", a).optional("/o/x", a);
  EXPECT_TRUE(object.has_read("a"));
  EXPECT_FALSE(object.has_read("b")) << "of another type";
  EXPECT_FALSE(object.has_read("c")) << "null";
  EXPECT_FALSE(object.has_read("d")) << "missing";
  EXPECT_TRUE(object.has_read("/o/x"));
  EXPECT_FALSE(object.has_read("o")) << "nobody asked for it";
}

TEST(JsonObject, refuses_malformed_json_with_400_and_other_values_than_objects_with_422) {
  EXPECT_EQ(thrown([] { JsonObject(R"({"a": 1, "name": "x})"); }),
            "400 the body is not JSON: unclosed string at byte 17");
  EXPECT_EQ(thrown([] { JsonObject(""); }), "400 the body is not JSON: no value at byte 0");
  for (const char* text : {"[]", "1", "null", "\"{}\""}) {
    EXPECT_EQ(thrown([&] { JsonObject{text}; }), "422 the body is no JSON object") << text;
  }
}

TEST(JsonObject, several_objects_can_exist_at_once_and_be_moved) {
  JsonObject first(R"({"a":1})");
  JsonObject second(R"({"a":2})");
  JsonObject third(std::move(first));
  first = std::move(second);
  std::int64_t from_third = 0;
  std::int64_t from_first = 0;
  third.required("a", from_third).check();
  first.required("a", from_first).check();
  EXPECT_EQ(from_third, 1);
  EXPECT_EQ(from_first, 2);
}

}  // namespace
}  // namespace chopin
