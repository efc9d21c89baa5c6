#include <array>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "chopin/json_value.hpp"

namespace chopin {
namespace written {

enum class State { open = -1, done = 2 };
constexpr auto json_names(State) {
  return std::to_array<EnumName<State>>({{State::open, "open"}, {State::done, "done"}});
}

struct Step {
  std::string text;
  static constexpr auto json_members = members(member("text", &Step::text));
};

struct Plan {
  std::vector<Step> steps;
  std::optional<double> cost;
  State state = State::open;
  std::chrono::year_month_day day{};
  std::chrono::sys_seconds at{};
  std::uint8_t count = 0;

  static constexpr auto json_members =
      members(member("steps", &Plan::steps), member("cost", &Plan::cost), member("state", &Plan::state),
              member("day", &Plan::day), member("at", &Plan::at), member("count", &Plan::count));
};

namespace {

template <class Value>
std::string text_of(const Value& value) {
  ByteBuffer out;
  {
    JsonWriter writer(out);
    write_json(writer, value);
  }
  return std::string(out.bytes());
}

Plan example() {
  Plan plan;
  plan.day = std::chrono::year(5) / 1 / 2;
  plan.at = std::chrono::sys_days(std::chrono::year(1969) / 12 / 31) + std::chrono::seconds(1);
  return plan;
}

TEST(WriteJson, writes_members_in_the_order_of_their_declaration) {
  Plan plan = example();
  plan.steps = {{"a\"b"}, {""}};
  plan.cost = 0.5;
  plan.count = 200;
  EXPECT_EQ(text_of(plan),
            R"({"steps":[{"text":"a\"b"},{"text":""}],"cost":0.5,"state":"open","day":"0005-01-02",)"
            R"("at":"1969-12-31T00:00:01Z","count":200})");
}

TEST(WriteJson, writes_null_for_an_empty_optional_and_for_a_number_that_is_not_finite) {
  Plan plan = example();
  const std::string empty = text_of(plan);
  plan.cost = std::nan("");
  EXPECT_EQ(text_of(plan), empty);
  EXPECT_NE(empty.find(R"("cost":null)"), std::string::npos);
}

TEST(WriteJson, writes_what_read_json_reads) {
  Plan plan = example();
  plan.steps = {{"x"}};
  plan.state = State::done;
  EXPECT_EQ(text_of(read_json<Plan>(text_of(plan))), text_of(plan));
}

TEST(WriteJson, writes_vectors_of_structs) {
  EXPECT_EQ(text_of(std::vector<Step>{{"a"}, {"b"}}), R"([{"text":"a"},{"text":"b"}])");
}

TEST(WriteJson, refuses_a_value_of_an_enumeration_without_a_name_and_a_date_without_a_text) {
  Plan plan = example();
  plan.state = static_cast<State>(7);
  EXPECT_THROW(text_of(plan), std::logic_error);
  plan = example();
  plan.day = std::chrono::year(-1) / 1 / 1;
  EXPECT_THROW(text_of(plan), std::logic_error);
}

}  // namespace
}  // namespace written
}  // namespace chopin
