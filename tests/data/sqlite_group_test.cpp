// Writes that share a commit.
#include <cstdint>
#include <deque>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <utility>

#include <boost/endian/conversion.hpp>
#include <gtest/gtest.h>

#include "data/items.hpp"
#include "data/source_worker.hpp"
#include "data/sources.hpp"
#include "harness/temporary_folder.hpp"

namespace chopin {
namespace {

using test::StartedBatch;

/// How many transactions are in the log: frames that end one name the size of the database.
std::size_t commits_in(const std::string& log) {
  std::ifstream stream(log, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(stream), {}};
  const auto number_at = [&bytes](std::size_t at) {
    return boost::endian::load_big_u32(reinterpret_cast<const unsigned char*>(bytes.data()) + at);
  };
  constexpr std::size_t head = 32;
  constexpr std::size_t frame_head = 24;
  const std::size_t page = number_at(8);
  std::size_t commits = 0;
  for (std::size_t at = head; at + frame_head + page <= bytes.size(); at += frame_head + page) {
    const bool is_current = number_at(at + 8) == number_at(16) && number_at(at + 12) == number_at(20);
    if (is_current && number_at(at + 4) != 0) ++commits;
  }
  return commits;
}

/// Batches that wait together for the writer.
struct SqliteGroup : testing::Test {
  const test::TemporaryFolder folder;
  const std::string file = folder.path() + "/items.db";
  const std::shared_ptr<data::Source> source = data::sqlite::make_source(file, {}, test::items);
  test::SourceWorker worker{*source};
  std::deque<StartedBatch> batches;

  template <class... Columns>
  void know_as_write(BoundStatement<Columns...> bound) {
    StartedBatch batch(std::move(bound));
    worker.run(batch);
  }
  void run_together() {
    data::Lane& lane = worker.acquire();
    for (StartedBatch& batch : batches) worker.backend().start(batch);
    worker.backend().release(lane);
    for (const StartedBatch& batch : batches) worker.run_until([&batch] { return batch.is_done(); });
  }
  std::int64_t count() {
    StartedBatch batch(test::count_items());
    worker.run(batch);
    return std::get<0>(Rows<std::int64_t>(std::move(batch.queries().front().result)).front());
  }
};

TEST_F(SqliteGroup, shares_commits) {
  know_as_write(test::insert_item("first"));
  const std::size_t before = commits_in(file + "-wal");
  EXPECT_GE(before, 1U);
  for (int i = 0; i < 100; ++i) batches.emplace_back(test::insert_item(std::to_string(i)));
  run_together();
  for (const StartedBatch& batch : batches) EXPECT_EQ(batch.sqlstate(), "");
  const std::size_t commits = commits_in(file + "-wal") - before;
  EXPECT_GE(commits, 1U);
  EXPECT_LT(commits, 50U);  // more than 1 where 100 writes take more than 2 ms
  EXPECT_EQ(count(), 101);
}

TEST_F(SqliteGroup, fails_only_what_fails) {
  know_as_write(test::insert_item("first"));
  for (const auto* const name : {"a", "first", "b"}) batches.emplace_back(test::insert_item(name));
  run_together();
  EXPECT_EQ(batches[0].sqlstate(), "");
  EXPECT_EQ(batches[1].sqlstate(), "23505");
  EXPECT_EQ(batches[2].sqlstate(), "");
  EXPECT_EQ(count(), 3);
}

TEST_F(SqliteGroup, survives_a_statement_that_rolls_the_transaction_back) {
  const Statement<Row<>(std::string_view)> insert_or_roll_back(
      "INSERT OR ROLLBACK INTO items(name) VALUES ($1)");
  know_as_write(test::insert_item("first"));
  know_as_write(insert_or_roll_back("second"));
  batches.emplace_back(test::insert_item("a"));
  batches.emplace_back(insert_or_roll_back("first"));
  batches.emplace_back(test::insert_item("b"));
  run_together();
  EXPECT_EQ(batches[0].sqlstate(), "");
  EXPECT_EQ(batches[1].sqlstate(), "23505");
  EXPECT_EQ(batches[2].sqlstate(), "");
  EXPECT_EQ(count(), 4);
}

TEST_F(SqliteGroup, survives_a_constraint_that_the_commit_checks) {
  know_as_write(test::insert_item("first"));
  know_as_write(test::insert_owned("second", 7));
  batches.emplace_back(test::insert_item("a"));
  batches.emplace_back(test::insert_owned("b", 9));
  batches.emplace_back(test::insert_item("c"));
  run_together();
  EXPECT_EQ(batches[0].sqlstate(), "");
  EXPECT_EQ(batches[1].sqlstate(), "23503");
  EXPECT_EQ(batches[2].sqlstate(), "");
  EXPECT_EQ(count(), 3);
}

}  // namespace
}  // namespace chopin
