#include "app/world_routes.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "app/scripted_database.hpp"
#include "chopin/local_client.hpp"
#include "harness/log_collector.hpp"

namespace chopin::app {
namespace {

std::int32_t first_integer(std::string_view parameters) {
  std::int32_t value = 0;
  data::ValueReader(parameters).read(value);
  return value;
}

/// The elements of an array as in append_value, from the front of `parameters`.
std::vector<std::int32_t> take_array(std::string_view& parameters) {
  data::ValueReader reader(parameters);
  std::string_view array;
  reader.read(array);
  parameters = reader.left();
  std::vector<std::int32_t> elements;
  for (std::size_t at = sizeof(std::int32_t); at < array.size(); at += sizeof(std::int32_t)) {
    std::int32_t element = 0;
    for (std::size_t byte = 0; byte < sizeof element; ++byte) {
      element = element * 256 + static_cast<unsigned char>(array[at + byte]);
    }
    elements.push_back(element);
  }
  return elements;
}

/// Each world has its own id as its number.
void find_world(data::Query& query) {
  const std::int32_t id = first_integer(query.parameters.bytes());
  give(query, id, id);
}

class WorldRoutes : public testing::Test {
 protected:
  LocalClient::Received get(const std::string& target) {
    if (client_ == nullptr) {
      Router router =
          with_database([this](data::Query& query, const data::Batch& batch) { run(query, batch); });
      add_world_routes(router);
      client_ = std::make_unique<LocalClient>(std::move(router), Mode::standard, log_.sink());
    }
    return client_->get(target);
  }
  /// How often this is in the log, of the requests until now.
  std::size_t logged(std::string_view part) {
    client_.reset();
    return log_.count(part);
  }

  std::size_t reads_ = 0;
  std::size_t reads_together_ = 0;
  std::size_t writes_ = 0;
  std::size_t conflicts_ = 0;  // how many of the next writes fail
  bool is_empty_ = false;
  std::string_view written_;

 private:
  void run(data::Query& query, const data::Batch& batch) {
    if (is(query, "SELECT")) {
      ++reads_;
      if (batch.together() == Together::yes) ++reads_together_;
      if (!is_empty_) find_world(query);
      return;
    }
    ++writes_;
    if (conflicts_ > 0) {
      --conflicts_;
      throw DatabaseError(writes_ % 2 == 0 ? "40001" : "40P01", "");
    }
    parameters_ = std::string(query.parameters.bytes());
    written_ = parameters_;
  }

  std::string parameters_;
  test::LogCollector log_;
  std::unique_ptr<LocalClient> client_;
};

TEST_F(WorldRoutes, read_worlds_one_by_one_and_together_only_where_the_route_says_so) {
  EXPECT_EQ(get("/queries?queries=20").status, 200);
  EXPECT_EQ(reads_, 20U);
  EXPECT_EQ(reads_together_, 0U);
  EXPECT_EQ(get("/queries/together?queries=7").status, 200);
  EXPECT_EQ(reads_together_, 7U);
}

TEST_F(WorldRoutes, write_all_changes_with_one_statement_by_ascending_ids) {
  const std::string body = get("/updates?queries=100").body;
  EXPECT_EQ(reads_, 100U);
  EXPECT_EQ(writes_, 1U);
  const std::vector<std::int32_t> ids = take_array(written_);
  const std::vector<std::int32_t> numbers = take_array(written_);
  ASSERT_EQ(ids.size(), 100U);
  ASSERT_EQ(numbers.size(), 100U);
  EXPECT_EQ(std::ranges::adjacent_find(ids, std::ranges::greater_equal()), ids.end());
  for (std::size_t at = 0; at < ids.size(); ++at) {
    const std::string world =
        R"({"id":)" + std::to_string(ids[at]) + R"(,"randomNumber":)" + std::to_string(numbers[at]) + "}";
    EXPECT_NE(body.find(world), std::string::npos) << world;
  }
}

TEST_F(WorldRoutes, write_again_what_conflicts_but_not_for_ever) {
  conflicts_ = 3;
  EXPECT_EQ(get("/updates?queries=2").status, 200);
  EXPECT_EQ(writes_, 4U);
  conflicts_ = 4;
  EXPECT_EQ(get("/updates?queries=2").status, 503);
  EXPECT_EQ(writes_, 8U);
}

TEST_F(WorldRoutes, read_a_cached_world_once) {
  for (int request = 0; request < 400; ++request) {
    EXPECT_EQ(get("/cached-queries?count=500").status, 200);
  }
  // One that comes up twice in a request is read twice, if it was not there before.
  EXPECT_GE(reads_, std::size_t{RandomWorlds::worlds});
  EXPECT_LT(reads_, std::size_t{RandomWorlds::worlds} + 500);
  const std::size_t before = reads_;
  for (int request = 0; request < 20; ++request) get("/cached-queries?count=500");
  EXPECT_EQ(reads_, before);
}

TEST_F(WorldRoutes, say_in_the_log_how_to_fill_tables_that_are_empty) {
  is_empty_ = true;
  for (const std::string path : {"/db", "/queries", "/updates", "/cached-queries"}) {
    const auto received = get(path);
    EXPECT_EQ(received.status, 500) << path;
    EXPECT_NE(received.body.find("DATABASE_ERROR"), std::string::npos) << received.body;
  }
  EXPECT_EQ(logged("`chopin seed` fills the tables"), 4U);
}

}  // namespace
}  // namespace chopin::app
