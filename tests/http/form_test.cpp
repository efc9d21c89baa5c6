#include "chopin/form.hpp"

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "chopin/error.hpp"

namespace chopin {
namespace {

using Values = std::vector<std::string>;

template <class Value>
std::optional<Value> read(std::string_view text) {
  const std::string encoded = "v=" + std::string(text);
  Form form(encoded);
  Value value{};
  form.required("v", value);
  return form.has_read("v") ? std::optional(value) : std::nullopt;
}

/// The message of the fault named v.
template <class Value>
std::string fault(std::string_view encoded) {
  Value value{};
  try {
    Form(encoded).required("v", value).check();
  } catch (const HttpError& error) {
    EXPECT_EQ(error.status(), 422);
    return error.fields().at(0).first + ' ' + error.fields().at(0).second;
  }
  return "none";
}

TEST(Form, gives_the_first_value_of_a_name_or_all) {
  const Form form("a=1&b=x+y&a=%322&a&=n&&c=1=2");
  EXPECT_EQ(form.value("a"), "1");
  EXPECT_EQ(form.values("a"), (Values{"1", "22", ""}));
  EXPECT_EQ(form.values("b"), Values{"x y"});
  EXPECT_EQ(form.values("c"), Values{"1=2"});
  EXPECT_EQ(form.values(""), Values{"n"});
  EXPECT_EQ(form.values("d"), Values{});
  EXPECT_EQ(form.value("d"), std::nullopt);
}

TEST(Form, reads_integers_of_their_whole_range) {
  EXPECT_EQ(read<std::int64_t>("-9223372036854775808"), std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(read<std::uint64_t>("18446744073709551615"), std::numeric_limits<std::uint64_t>::max());
  EXPECT_EQ(read<std::int64_t>("007"), 7);
  for (const std::string_view bad :
       {"", "+1", "1.0", "1e2", "0x1", "1+", "%201", "9223372036854775808", "-", "one"}) {
    EXPECT_EQ(read<std::int64_t>(bad), std::nullopt) << bad;
  }
  EXPECT_EQ(read<std::uint64_t>("-1"), std::nullopt);
}

TEST(Form, reads_numbers_as_json_writes_them) {
  EXPECT_EQ(read<double>("-0.5e1"), -5.0);
  EXPECT_EQ(read<double>("7"), 7.0);
  for (const std::string_view bad : {"", "nan", "inf", "1e999", "1e-400", ".5", "1,5", "0x1p3"}) {
    EXPECT_EQ(read<double>(bad), std::nullopt) << bad;
  }
}

TEST(Form, reads_booleans_as_forms_and_people_write_them) {
  for (const std::string_view yes : {"true", "1", "yes", "on"}) EXPECT_EQ(read<bool>(yes), true) << yes;
  for (const std::string_view no : {"false", "0", "no", "off"}) EXPECT_EQ(read<bool>(no), false) << no;
  for (const std::string_view bad : {"", "TRUE", "2"}) EXPECT_EQ(read<bool>(bad), std::nullopt) << bad;
}

TEST(Form, leaves_what_is_optional_and_missing_or_empty_unchanged) {
  std::int64_t number = 5;
  std::string text = "kept";
  std::string empty = "replaced";
  Form form("number=&empty=");
  form.optional("number", number).optional("text", text).optional("empty", empty).check();
  EXPECT_EQ(number, 5);
  EXPECT_EQ(text, "kept");
  EXPECT_EQ(empty, "");
  EXPECT_FALSE(form.has_read("number"));
  EXPECT_TRUE(form.has_read("empty"));
}

TEST(Form, says_what_is_wrong_with_a_value) {
  EXPECT_EQ(fault<std::string>("w=1"), "v is missing");
  EXPECT_EQ(fault<std::string>("v"), "none");
  EXPECT_EQ(fault<bool>("v=maybe"), "v must be true or false");
  EXPECT_EQ(fault<std::int64_t>("v=x"), "v must be an integer of 64 bits");
  EXPECT_EQ(fault<std::uint64_t>("v=-1"), "v must be an unsigned integer of 64 bits");
  EXPECT_EQ(fault<double>("v="), "v must be a number");
}

TEST(Form, reports_all_faults_at_once_and_the_first_of_a_name) {
  std::int64_t page = 1;
  std::string name;
  try {
    Form("page=x").required("page", page).required("name", name).refuse("page", "too large").check();
    FAIL() << "nothing was thrown";
  } catch (const HttpError& error) {
    EXPECT_EQ(error.fields(),
              (HttpError::Fields{{"page", "must be an integer of 64 bits"}, {"name", "is missing"}}));
  }
}

}  // namespace
}  // namespace chopin
