#include "chopin/json_later.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "chopin/local_client.hpp"
#include "chopin/operation.hpp"

namespace chopin {
namespace {

struct Step {
  std::int64_t number = 0;
  std::thread::id made_by = std::this_thread::get_id();

  static constexpr auto json_members = members(member("number", &Step::number).range(0, 9));
};

struct Plan {
  std::vector<Step> steps;
  std::string note;

  static constexpr auto json_members =
      members(member("steps", &Plan::steps), member("note", &Plan::note).or_default());
};

struct Where {
  std::string thread;

  static constexpr auto json_members = members(member("thread", &Where::thread));
};

Where where(const Plan& plan) {
  return {plan.steps.at(0).made_by == std::this_thread::get_id() ? "here" : "pool"};
}

Where take_at_once(Path<std::uint8_t> /*shelf*/, Body<Plan> plan) {
  return where(*plan);
}

Task<Where> take_later(Path<std::uint8_t> /*shelf*/, Body<Plan> plan) {
  co_return where(*plan);
}

std::string read_thread(JsonObject& body) {
  std::string note;
  body.optional("note", note).check();
  return std::to_string(std::hash<std::thread::id>()(std::this_thread::get_id()));
}

Router plans() {
  Router router;
  const About bare{.in_envelope = false};
  router.post("/at-once/{shelf}", operation(take_at_once, bare));
  router.post("/later/{shelf}", operation(take_later, bare));
  router.post("/struct", [](const Request& request, Response& response) -> Task<> {
    const auto plan = co_await json_later<Plan>(request);
    response.json(where(plan));
  });
  router.post("/members", [](const Request& request, Response& response) -> Task<> {
    const auto thread = co_await json_later(request, read_thread);
    const auto here = std::to_string(std::hash<std::thread::id>()(std::this_thread::get_id()));
    response.json(Where{thread == here ? "here" : "pool"});
  });
  return router;
}

/// A plan as JSON, of `large_json` bytes if it is large.
std::string plan(bool is_large, std::string_view steps = R"([{"number":1}])", std::string_view end = "}") {
  const std::string note(is_large ? large_json : 0, ' ');
  return std::string(R"({"note":")") + note + R"(","steps":)" + std::string(steps) + std::string(end);
}

struct LargeJson : testing::TestWithParam<const char*> {
  LocalClient client{plans()};

  LocalClient::Received post(const std::string& body, const char* type = "application/json") {
    return client.send(
        {.method = Method::post, .target = GetParam(), .fields = {{"Content-Type", type}}, .body = body});
  }
};

TEST_P(LargeJson, is_read_on_the_pool) {
  EXPECT_EQ(post(plan(true)).body, R"({"thread":"pool"})");
}

TEST_P(LargeJson, is_what_it_is_called_and_all_other_is_read_at_once) {
  EXPECT_EQ(post(plan(false)).body, R"({"thread":"here"})");
}

TEST_P(LargeJson, is_refused_as_small_json_is) {
  const auto small = post(plan(false, R"([{"number":1}])", "]"));
  const auto large = post(plan(true, R"([{"number":1}])", "]"));
  EXPECT_EQ(small.status, 400);
  EXPECT_EQ(large.status, 400);
  EXPECT_NE(small.body.find("the body is not JSON: expected a comma or } at byte 33"), std::string::npos);
  EXPECT_NE(large.body.find("the body is not JSON: expected a comma or } at byte 65569"), std::string::npos)
      << large.body;
}

TEST_P(LargeJson, of_another_media_type_is_refused) {
  EXPECT_EQ(post(plan(false), "text/plain").status, 415);
  EXPECT_EQ(post(plan(true), "text/plain").status, 415);
}

INSTANTIATE_TEST_SUITE_P(ToEveryKindOfHandler, LargeJson,
                         testing::Values("/at-once/7", "/later/7", "/struct", "/members"));

using LargeJsonOfAType = LargeJson;

TEST_P(LargeJsonOfAType, is_refused_with_each_fault) {
  for (const bool is_large : {false, true}) {
    const auto received = post(plan(is_large, R"([{"number":10},{}])"));
    EXPECT_EQ(received.status, 422);
    EXPECT_NE(received.body.find("/steps/0/number"), std::string::npos) << received.body;
    EXPECT_NE(received.body.find("/steps/1/number"), std::string::npos) << received.body;
  }
}

INSTANTIATE_TEST_SUITE_P(ToEveryKindOfHandler, LargeJsonOfAType,
                         testing::Values("/at-once/7", "/later/7", "/struct"));

struct LargeJsonOfAnOperation : LargeJson {};

TEST_P(LargeJsonOfAnOperation, is_refused_in_the_order_of_the_arguments) {
  for (const bool is_large : {false, true}) {
    EXPECT_EQ(post(plan(is_large, "[", "")).status, 404);  // for the path, which is read before the body
  }
}

INSTANTIATE_TEST_SUITE_P(WithAWrongPath, LargeJsonOfAnOperation,
                         testing::Values("/at-once/seven", "/later/seven"));

}  // namespace
}  // namespace chopin
