#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "chopin/error.hpp"
#include "chopin/json_value.hpp"

namespace chopin {
namespace typed {

using namespace std::chrono_literals;

enum class Colour : std::uint8_t { red, green };
constexpr auto json_names(Colour) {
  return std::to_array<EnumName<Colour>>({{Colour::red, "red"}, {Colour::green, "green"}});
}

struct Address {
  std::string city;
  std::optional<std::int16_t> floor;

  static constexpr auto json_members =
      members(member("city", &Address::city).length(1, 5), member("floor", &Address::floor).range(-2, 200));
};

struct Parcel {
  std::string name;
  Address to;
  std::vector<Address> stops;
  std::vector<std::string> labels;
  Colour colour = Colour::green;
  std::optional<std::chrono::year_month_day> day;
  std::chrono::sys_time<std::chrono::milliseconds> sent{};
  bool is_heavy = false;

  static constexpr auto json_members = members(
      member("name", &Parcel::name), member("to", &Parcel::to), member("stops", &Parcel::stops).or_default(),
      member("labels", &Parcel::labels).items(1, 2).length(2, 3).or_default(),
      member("colour", &Parcel::colour).or_default(), member("day", &Parcel::day),
      member("sent", &Parcel::sent).or_default(), member("is_heavy", &Parcel::is_heavy).or_default());
};

/// One member `a`, which is a vector's element where a rule needs one.
template <class Value>
struct One {
  Value a{};
  static constexpr auto json_members = members(member("a", &One::a));
};

struct Loose {
  std::int64_t a = 0;
  static constexpr auto json_members = members(member("a", &Loose::a)).ignore_others();
};

struct Tree {
  std::string name;
  std::vector<Tree> children;
  static constexpr auto json_members =
      members(member("name", &Tree::name), member("children", &Tree::children).or_default());
};

struct Signup {
  std::string email;
  std::string id;
  static constexpr auto json_members = members(member("email", &Signup::email).format(json::Format::email),
                                               member("id", &Signup::id).format(json::Format::uuid));
};

struct Matrix {
  std::vector<std::vector<int>> rows;
  static constexpr auto json_members = members(member("rows", &Matrix::rows).items(2, 2).range(0, 9));
};

}  // namespace typed

namespace {

using namespace typed;

/// Status, message and fields of the refusal, or "nothing".
template <class Value>
std::string refusal_of_value(std::string_view text) {
  try {
    static_cast<void>(read_json<Value>(text));
  } catch (const HttpError& error) {
    std::string said = std::to_string(error.status());
    if (error.fields().empty()) said += std::string(" ") + error.what();
    for (const auto& [name, fault] : error.fields()) said += "; " + name + ' ' + fault;
    return said;
  }
  return "nothing";
}

template <class Value>
Value value_in(std::string_view text) {
  return read_json<One<Value>>(text).a;
}

template <class Value>
std::string fault_in(std::string_view text) {
  return refusal_of_value<One<Value>>(text);
}

TEST(ReadJson, fills_a_struct_with_all_that_is_in_it) {
  const auto parcel = read_json<Parcel>(
      R"({"name":"b\u00e4r","to":{"city":"Ulm","floor":-2},"stops":[{"city":"Rom"},{"city":"Bonn","floor":null}],)"
      R"("labels":["abc"],"colour":"red","day":"2024-02-29","sent":"2026-01-31T23:59:59.5+01:00","is_heavy":true})");
  EXPECT_EQ(parcel.name, "b\xc3\xa4r");
  EXPECT_EQ(parcel.to.city, "Ulm");
  EXPECT_EQ(parcel.to.floor, -2);
  ASSERT_EQ(parcel.stops.size(), 2);
  EXPECT_EQ(parcel.stops[0].floor, std::nullopt);
  EXPECT_EQ(parcel.stops[1].city, "Bonn");
  EXPECT_EQ(parcel.labels, std::vector<std::string>{"abc"});
  EXPECT_EQ(parcel.colour, Colour::red);
  EXPECT_EQ(parcel.day, std::chrono::year(2024) / 2 / 29);
  EXPECT_EQ(parcel.sent, std::chrono::sys_days(std::chrono::year(2026) / 1 / 31) + 22h + 59min + 59s + 500ms);
  EXPECT_TRUE(parcel.is_heavy);
}

TEST(ReadJson, leaves_what_may_be_missing_as_it_is_in_a_new_object) {
  const auto parcel = read_json<Parcel>(R"({"name":"","to":{"city":"Ulm"}})");
  EXPECT_EQ(parcel.colour, Colour::green);
  EXPECT_EQ(parcel.day, std::nullopt);
  EXPECT_TRUE(parcel.stops.empty());
}

TEST(ReadJson, takes_members_in_any_order_and_names_with_escapes) {
  const auto address = read_json<Address>(R"( {"floor" : 7, "\u0063ity" : "Ulm"} )");
  EXPECT_EQ(address.city, "Ulm");
  EXPECT_EQ(address.floor, 7);
}

TEST(ReadJson, reads_a_vector_of_structs_and_one_that_is_empty) {
  EXPECT_EQ(read_json<std::vector<Address>>(R"([{"city":"Ulm"},{"city":"Rom"}])").size(), 2);
  EXPECT_TRUE(read_json<std::vector<Address>>("[]").empty());
}

TEST(ReadJson, reads_a_type_that_holds_itself_sixty_levels_deep) {
  const auto tree_of = [](int levels) {
    std::string text = R"({"name":"")";
    for (int i = 1; i < levels; ++i) text += R"(,"children":[{"name":"")";
    text += '}';
    for (int i = 1; i < levels; ++i) text += "]}";
    return text;
  };
  EXPECT_EQ(refusal_of_value<Tree>(tree_of(30)), "nothing");
  EXPECT_NE(refusal_of_value<Tree>(tree_of(31)).find("is nested too deeply"), std::string::npos);
}

TEST(ReadJson, reports_all_faults_at_once_by_their_json_pointers) {
  EXPECT_EQ(refusal_of_value<Parcel>(
                R"({"name":1,"to":{"floor":201},"stops":[{"city":"Ulm"},{"city":""},7],"labels":["ab","a"],)"
                R"("colour":"blue","day":"2023-02-29","sent":"now","is_heavy":0,"a/b~":1})"),
            "422; /name must be a string; /to/floor must be an integer from -2 to 200; /to/city is missing"
            "; /stops/1/city must be a string of 1 to 5 characters; /stops/2 must be an object"
            "; /labels/1 must be a string of 2 to 3 characters; /colour must be one of: red, green"
            "; /day must be a date such as 2026-01-31"
            "; /sent must be a date and time such as 2026-01-31T23:59:59.5Z; /is_heavy must be a boolean"
            "; /a~1b~0 is not known");
}

TEST(ReadJson, reports_at_most_a_hundred_faults) {
  std::string text = "[7";
  for (int i = 1; i < 200; ++i) text += ",7";
  const std::string said = refusal_of_value<std::vector<Address>>(text + "]");
  EXPECT_NE(said.find("; /99 must"), std::string::npos);
  EXPECT_EQ(said.find("; /100 must"), std::string::npos);
}

TEST(ReadJson, refuses_a_member_that_is_there_twice_also_by_another_spelling) {
  EXPECT_EQ(refusal_of_value<Loose>(R"({"a":1,"\u0061":2})"), "422; /a is there twice");
  EXPECT_EQ(refusal_of_value<Loose>(R"({"a":1,"a":{"b":[]}})"), "422; /a is there twice");
}

TEST(ReadJson, ignores_unknown_members_only_where_that_is_declared) {
  EXPECT_EQ(read_json<Loose>(R"({"b":[1,{"c":null}],"a":7,"d":{},"e":"x"})").a, 7);
  EXPECT_EQ(fault_in<int>(R"({"a":7,"b":[1,{"c":null}]})"), "422; /b is not known");
}

TEST(ReadJson, checks_what_it_ignores) {
  for (const std::string_view ignored :
       {R"("\x")", R"(tru)", R"(01)", R"([1,])", R"({"c":1,})", R"({"c" 1})", R"(["c":1])", R"("\ud800")",
        R"(1 2)", R"({"\q":1})", "nul", "-", "\"\x01\"", "\"\xff\""}) {
    const std::string text = R"({"a":7,"b":)" + std::string(ignored) + "}";
    EXPECT_EQ(refusal_of_value<Loose>(text).substr(0, 3), "400") << text;
  }
}

TEST(ReadJson, says_400_for_what_is_not_json_even_if_it_is_wrong_as_well) {
  EXPECT_EQ(refusal_of_value<Loose>(R"({"a":"x","b":tru})"),
            "400 the body is not JSON: expected a value at byte 13");
  EXPECT_EQ(refusal_of_value<Loose>(R"({"a":7} x)"),
            "400 the body is not JSON: unexpected data after the value at byte 8");
  EXPECT_EQ(refusal_of_value<Loose>(""), "400 the body is not JSON: no value at byte 0");
  EXPECT_EQ(refusal_of_value<Loose>("\xef\xbb\xbf{\"a\":7}"),
            "400 the body is not JSON: a byte order mark at byte 0");
}

TEST(ReadJson, says_422_for_json_that_is_no_object_or_array) {
  EXPECT_EQ(refusal_of_value<Loose>("[]"), "422;  must be an object");
  EXPECT_EQ(refusal_of_value<Loose>("7"), "422;  must be an object");
  EXPECT_EQ(refusal_of_value<std::vector<Loose>>("{}"), "422;  must be an array of at most 10000 elements");
}

TEST(ReadJson, reads_every_integer_type_up_to_its_limits) {
  EXPECT_EQ(value_in<std::int8_t>(R"({"a":-128})"), -128);
  EXPECT_EQ(value_in<std::uint8_t>(R"({"a":255})"), 255);
  EXPECT_EQ(value_in<std::int16_t>(R"({"a":32767})"), 32767);
  EXPECT_EQ(value_in<std::uint16_t>(R"({"a":65535})"), 65535);
  EXPECT_EQ(value_in<std::int32_t>(R"({"a":-2147483648})"), -2147483648);
  EXPECT_EQ(value_in<std::uint32_t>(R"({"a":4294967295})"), 4294967295);
  EXPECT_EQ(value_in<std::int64_t>(R"({"a":-9223372036854775808})"),
            std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(value_in<std::uint64_t>(R"({"a":18446744073709551615})"),
            std::numeric_limits<std::uint64_t>::max());
  EXPECT_EQ(fault_in<std::int8_t>(R"({"a":128})"), "422; /a must be an integer from -128 to 127");
  EXPECT_EQ(fault_in<std::int8_t>(R"({"a":-129})"), "422; /a must be an integer from -128 to 127");
  EXPECT_EQ(fault_in<std::uint8_t>(R"({"a":256})"), "422; /a must be an integer from 0 to 255");
  EXPECT_EQ(fault_in<std::uint16_t>(R"({"a":-1})"), "422; /a must be an integer from 0 to 65535");
  EXPECT_EQ(fault_in<std::int64_t>(R"({"a":9223372036854775808})"),
            "422; /a must be an integer from -9223372036854775808 to 9223372036854775807");
  EXPECT_EQ(fault_in<std::uint64_t>(R"({"a":18446744073709551616})"),
            "422; /a must be an integer from 0 to 18446744073709551615");
  EXPECT_EQ(fault_in<int>(R"({"a":1.0})"), "422; /a must be an integer from -2147483648 to 2147483647");
}

TEST(ReadJson, reads_numbers_that_the_type_can_hold) {
  EXPECT_EQ(value_in<double>(R"({"a":1e300})"), 1e300);
  EXPECT_EQ(value_in<float>(R"({"a":0.5})"), 0.5F);
  EXPECT_EQ(fault_in<float>(R"({"a":1e39})").substr(0, 25), "422; /a must be a number ");
  EXPECT_EQ(fault_in<double>(R"({"a":1e400})"), "422; /a must be a number");
  EXPECT_EQ(fault_in<double>(R"({"a":"1"})"), "422; /a must be a number");
}

TEST(ReadJson, counts_characters_and_not_bytes) {
  EXPECT_EQ(
      read_json<Address>("{\"city\":\"\xc3\xa4\xc3\xb6\xc3\xbc\xe2\x82\xac\xf0\x9f\x8e\xb9\"}").city.size(),
      13);
  EXPECT_EQ(refusal_of_value<Address>("{\"city\":\"\xc3\xa4\xc3\xb6\xc3\xbc\xc3\xa4\xc3\xb6\xc3\xbc\"}"),
            "422; /city must be a string of 1 to 5 characters");
}

TEST(ReadJson, requires_the_format_of_a_text) {
  constexpr std::string_view uuid = "f81d4fae-7dec-11d0-A765-00a0c91e6bf6";
  const auto with = [](std::string_view email, std::string_view id) {
    return R"({"email":")" + std::string(email) + R"(","id":")" + std::string(id) + "\"}";
  };
  EXPECT_EQ(refusal_of_value<Signup>(with("a.b+c@mail.example.org", uuid)), "nothing");
  for (const std::string_view email :
       {"", "a", "@b", "a@", "a@b..c", "a@-b", "a@b-", "a b@c", "a@b@c", "a@b.c."}) {
    EXPECT_EQ(refusal_of_value<Signup>(with(email, uuid)), "422; /email must be an email address") << email;
  }
  EXPECT_EQ(refusal_of_value<Signup>(with("a@b", uuid.substr(1))), "422; /id must be a UUID");
}

TEST(ReadJson, bounds_vectors_and_gives_inner_ones_their_own_bounds) {
  EXPECT_EQ(read_json<Matrix>(R"({"rows":[[1,2,3],[]]})").rows[0].size(), 3);
  EXPECT_EQ(refusal_of_value<Matrix>(R"({"rows":[[1]]})"), "422; /rows must be an array of 2 elements");
  EXPECT_EQ(refusal_of_value<Matrix>(R"({"rows":[[1],[10],[1]]})"),
            "422; /rows/1/0 must be an integer from 0 to 9; /rows must be an array of 2 elements");
  std::string many = "[{\"a\":7}";
  for (int i = 0; i < 10'000; ++i) many += ",{\"a\":7}";
  EXPECT_EQ(refusal_of_value<std::vector<Loose>>(many + "]"),
            "422;  must be an array of at most 10000 elements");
}

TEST(ReadJson, forgets_the_text_before) {
  EXPECT_EQ(refusal_of_value<Loose>(R"({"a":"x"})").substr(0, 3), "422");
  EXPECT_EQ(read_json<Loose>(R"({"a":1})").a, 1);
}

}  // namespace
}  // namespace chopin
