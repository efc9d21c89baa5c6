#include "app/item_routes.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <tuple>

#include <gtest/gtest.h>

#include "app/scripted_database.hpp"
#include "chopin/local_client.hpp"

namespace chopin::app {
namespace {

using namespace std::string_view_literals;

void give_item(data::Query& query) {
  give(query, std::int32_t{1}, "name"sv, "category"sv, std::int32_t{2}, std::int32_t{3}, true, JsonText{"[]"},
       std::int32_t{4}, std::int32_t{5});
}

LocalClient client_of(Script script) {
  Router router = with_database(std::move(script));
  add_item_routes(router);
  return LocalClient(std::move(router));
}

TEST(ItemRoutes, give_an_empty_list_while_the_database_is_away_but_not_while_it_is_busy) {
  std::string sqlstate;
  LocalClient client =
      client_of([&](data::Query&, const data::Batch&) { throw DatabaseError(sqlstate, ""); });
  for (const char* away : {"08001", "08006", "57P01", "57P03"}) {
    sqlstate = away;
    const auto received = client.get("/async-db");
    EXPECT_EQ(received.status, 200) << away;
    EXPECT_EQ(received.body, R"({"items":[],"count":0})") << away;
  }
  for (const auto& [there, status] : {std::pair{"53300", 503}, {"57014", 504}, {"42P01", 500}}) {
    sqlstate = there;
    EXPECT_EQ(client.get("/async-db").status, status) << there;
  }
}

TEST(ItemRoutes, forget_an_item_whose_change_may_or_may_not_have_been_made) {
  LocalClient client = client_of([](data::Query& query, const data::Batch&) {
    if (!is(query, "SELECT")) throw DatabaseError("08006", "");
    give_item(query);
  });
  EXPECT_EQ(client.get("/crud/items/1").field("X-Cache"), "MISS");
  const LocalClient::Sent change{.method = Method::put,
                                 .target = "/crud/items/1",
                                 .fields = {{"Content-Type", "application/json"}},
                                 .body = R"({"name":"a","price":1,"quantity":1})"};
  EXPECT_EQ(client.send(change).status, 503);
  EXPECT_EQ(client.get("/crud/items/1").field("X-Cache"), "MISS");
}

TEST(ItemRoutes, take_no_long_texts_so_that_what_is_remembered_is_bounded) {
  LocalClient client = client_of([](data::Query& query, const data::Batch&) { give_item(query); });
  const auto send = [&](Method method, std::string_view target, const std::string& name,
                        const std::string& category) {
    return client.send({.method = method,
                        .target = std::string(target),
                        .fields = {{"Content-Type", "application/json"}},
                        .body = std::string(method == Method::post ? R"({"id":1,)" : "{") +
                                R"("price":1,"quantity":1,"name":")" + name + R"(","category":")" + category +
                                "\"}"});
  };
  const std::string longest(256, 'a');
  const std::string longer(257, 'a');
  for (const auto& [method, target, status] :
       {std::tuple{Method::post, "/crud/items", 201}, {Method::put, "/crud/items/1", 200}}) {
    EXPECT_EQ(send(method, target, longest, longest).status, status);
    const auto refused = send(method, target, longer, longer);
    EXPECT_EQ(refused.status, 422);
    EXPECT_NE(refused.body.find("name"), std::string::npos) << refused.body;
    EXPECT_NE(refused.body.find("category"), std::string::npos) << refused.body;
  }
}

TEST(ItemRoutes, do_not_ask_the_database_for_an_id_that_no_item_can_have) {
  int asked = 0;
  LocalClient client = client_of([&](data::Query&, const data::Batch&) { ++asked; });
  for (const std::string id : {"x", "-1", "2147483648", "1.0"}) {
    EXPECT_EQ(client.get("/crud/items/" + id).status, 404) << id;
  }
  EXPECT_EQ(asked, 0);
  const auto received = client.get("/crud/items/2147483647");
  EXPECT_EQ(received.status, 404);
  EXPECT_EQ(received.field("X-Cache"), "MISS");
  EXPECT_EQ(asked, 1);
}

}  // namespace
}  // namespace chopin::app
