#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "chopin/error.hpp"
#include "chopin/form.hpp"
#include "chopin/json_value.hpp"

namespace chopin {
namespace patterned {

struct Item {
  std::string code;
  std::optional<std::string> word;
  std::vector<std::string> tags;
  std::string both;

  static constexpr auto json_members =
      members(member("code", &Item::code).pattern("^[A-Z]{3}$"), member("word", &Item::word).pattern("a.c"),
              member("tags", &Item::tags).pattern("^\\w+$").or_default(),
              member("both", &Item::both).length(1, 5).pattern("x").or_default());
};

struct Price {
  std::string unit;
  static constexpr auto json_members =
      members(member("unit", &Price::unit).pattern("^\\p{Sc}$|^\\x{e4}\xc3\xb6$"));
};

/// Found from a type that holds itself.
struct Malformed {
  std::string text;
  static constexpr auto json_members = members(member("text", &Malformed::text).pattern("(?=a)b"));
};
struct Branch {
  std::vector<Branch> children;
  std::vector<std::optional<Malformed>> texts;
  static constexpr auto json_members = members(member("children", &Branch::children).or_default(),
                                               member("texts", &Branch::texts).or_default());
};

struct Greedy {
  std::string text;
  static constexpr auto json_members = members(member("text", &Greedy::text).pattern("(a*)*(a*)*b$"));
};

/// Two members and two structs with one text, and a literal of its own for each.
template <int>
struct Shared {
  std::string a;
  std::string b;
  static constexpr auto json_members =
      members(member("a", &Shared::a).pattern("^shared$"), member("b", &Shared::b).pattern("^shared$"));
};

struct TooLarge {
  std::string text;
  static constexpr auto json_members =
      members(member("text", &TooLarge::text).pattern("(((a{100}){100}){100}){100}"));
};

}  // namespace patterned

namespace {

using namespace patterned;

template <class Value>
std::string faults_of(std::string_view text) {
  try {
    static_cast<void>(read_json<Value>(text));
  } catch (const HttpError& error) {
    std::string faults;
    for (const auto& [pointer, fault] : error.fields()) faults += pointer + ' ' + fault + ';';
    return faults;
  }
  return "none";
}

template <class Value>
std::string misuse_of(std::string_view text) {
  try {
    static_cast<void>(read_json<Value>(text));
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "none";
}

TEST(JsonPattern, is_searched_for_as_json_schema_says) {
  EXPECT_EQ(faults_of<Item>(R"({"code":"ABC","word":"an abc book"})"), "none");
  EXPECT_EQ(faults_of<Item>(R"({"code":"ABC","word":"ab"})"), "/word must match a.c;");
  EXPECT_EQ(faults_of<Item>(R"({"code":"ABC","word":null})"), "none");
}

TEST(JsonPattern, with_anchors_is_the_whole_text) {
  for (const char* code : {"", "ABCD", "abc", "xABC", "ABC\\n", "ABC\\u0000", "\\nABC"}) {
    EXPECT_EQ(faults_of<Item>(std::string(R"({"code":")") + code + "\"}"), "/code must match ^[A-Z]{3}$;")
        << code;
  }
}

TEST(JsonPattern, of_a_vector_is_about_each_element) {
  EXPECT_EQ(faults_of<Item>(R"({"code":"ABC","tags":["a","b c","d",""]})"),
            "/tags/1 must match ^\\w+$;/tags/3 must match ^\\w+$;");
}

TEST(JsonPattern, is_told_with_the_other_rules) {
  EXPECT_EQ(faults_of<Item>(R"({"code":"ABC","both":"y"})"),
            "/both must be a string of 1 to 5 characters and match x;");
  EXPECT_EQ(faults_of<Item>(R"({"code":"ABC","both":"xxxxxx"})"),
            "/both must be a string of 1 to 5 characters and match x;");
  EXPECT_EQ(faults_of<Item>(R"({"code":1})"), "/code must match ^[A-Z]{3}$;");
}

TEST(JsonPattern, is_of_characters_and_not_of_bytes) {
  EXPECT_EQ(faults_of<Price>("{\"unit\":\"\xe2\x82\xac\"}"), "none");
  EXPECT_EQ(faults_of<Price>(R"({"unit":"\u00e4\u00f6"})"), "none");
  EXPECT_NE(faults_of<Price>("{\"unit\":\"\xe2\x82\xac\xe2\x82\xac\"}"), "none");
}

TEST(JsonPattern, holds_for_forms_as_well) {
  EXPECT_EQ(Form("code=ABC&tags=a&tags=b").as<Item>().tags.size(), 2);
  try {
    static_cast<void>(Form("code=abc&tags=a+b").as<Item>());
    FAIL() << "taken";
  } catch (const HttpError& error) {
    EXPECT_EQ(error.fields(),
              (HttpError::Fields{{"code", "must match ^[A-Z]{3}$"}, {"tags", "must match ^\\w+$"}}));
  }
}

TEST(JsonPattern, that_is_malformed_is_named_when_it_is_first_used) {
  for (int i = 0; i < 2; ++i) {
    const std::string said = misuse_of<Malformed>(R"({"text":"ab"})");
    EXPECT_NE(said.find("the pattern '(?=a)b' is malformed: "), std::string::npos) << said;
    EXPECT_NE(said.find("(?="), said.rfind("(?=")) << said;  // RE2 names what it does not take
  }
}

TEST(JsonPattern, that_is_malformed_is_found_beforehand_also_in_a_type_that_holds_itself) {
  EXPECT_THROW(json::check_patterns(json::type_of<Branch>), std::invalid_argument);
  EXPECT_THROW(json::check_patterns(json::type_of<std::vector<Malformed>>), std::invalid_argument);
  EXPECT_NO_THROW(json::check_patterns(json::type_of<Item>));
}

TEST(JsonPattern, that_takes_too_much_memory_is_refused) {
  EXPECT_THROW(json::check_patterns(json::type_of<TooLarge>), std::invalid_argument);
}

TEST(JsonPattern, takes_linear_time_where_others_backtrack) {
  EXPECT_NE(faults_of<Greedy>("{\"text\":\"" + std::string(1'000'000, 'a') + "\"}"), "none");
}

TEST(JsonPattern, is_compiled_once_for_all_members_and_threads) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([] {
      for (int round = 0; round < 50; ++round) {
        EXPECT_EQ(faults_of<Shared<1>>(R"({"a":"shared","b":"no"})"), "/b must match ^shared$;");
        EXPECT_EQ(faults_of<Shared<2>>(R"({"a":"shared","b":"shared"})"), "none");
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  const auto& first = json::object_members<Shared<1>>;
  const auto& second = json::object_members<Shared<2>>;
  const json::CompiledPattern* const known = first[0].rules.compiled->load();
  EXPECT_NE(known, nullptr);
  EXPECT_EQ(first[1].rules.compiled->load(), known);
  EXPECT_EQ(second[0].rules.compiled->load(), known);
  EXPECT_EQ(second[1].rules.compiled->load(), known);
}

}  // namespace
}  // namespace chopin
