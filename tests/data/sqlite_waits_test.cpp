#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "data/items.hpp"
#include "data/source_worker.hpp"
#include "data/sources.hpp"
#include "data/sqlite/threads.hpp"

namespace chopin {
namespace {

using namespace std::chrono_literals;
using test::NotedRequest;
using test::StartedBatch;

constexpr auto never = 1h;

/// `numbers(n)` takes some ten steps of SQLite's machine for each number.
const Statement<Row<std::int64_t>(std::int64_t)> numbers(
    "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < $1) SELECT count(*) FROM n",
    {.bounded = true});

class SqliteBatches : public testing::Test {
 protected:
  explicit SqliteBatches(std::chrono::milliseconds acquire_timeout = never,
                         std::chrono::milliseconds statement_timeout = never)
      : source(data::sqlite::make_source(
            "", {.acquire_timeout = acquire_timeout, .statement_timeout = statement_timeout}, test::items)),
        worker(*source),
        backend(worker.backend()) {}

  template <class... Columns>
  std::string sqlstate_of(BoundStatement<Columns...> bound) {
    StartedBatch batch(std::move(bound));
    return worker.run(batch);
  }
  std::int64_t count() {
    StartedBatch batch(test::count_items());
    EXPECT_EQ(worker.run(batch), "");
    return std::get<0>(Rows<std::int64_t>(std::move(batch.queries().front().result)).front());
  }
  void wait_for_state(std::string_view state) {
    worker.poll_until([&] { return backend.state() == state; });
  }

  const std::shared_ptr<data::Source> source;
  test::SourceWorker worker;
  data::Backend& backend;
};

TEST_F(SqliteBatches, are_run_by_the_worker_if_they_are_bounded_and_the_database_is_open) {
  StartedBatch early(test::find_item(1));
  EXPECT_FALSE(backend.run_now(early));
  EXPECT_EQ(worker.run(early), "");
  StartedBatch bounded(test::find_item(1));
  EXPECT_TRUE(backend.run_now(bounded));
  EXPECT_EQ(bounded.queries().front().result.rows, 1U);
  StartedBatch unbounded(test::count_items());
  EXPECT_FALSE(backend.run_now(unbounded));
  const Statement<Row<>()> write("DELETE FROM items", {.bounded = true});
  StartedBatch writing(write());
  EXPECT_FALSE(backend.run_now(writing));
  EXPECT_EQ(count(), 2);
}

TEST_F(SqliteBatches, leave_the_worker_when_they_take_too_long_and_return_later) {
  EXPECT_EQ(sqlstate_of(test::find_item(1)), "");
  StartedBatch small(numbers(100));
  EXPECT_TRUE(backend.run_now(small));
  StartedBatch large(numbers(100'000));
  EXPECT_FALSE(backend.run_now(large));
  EXPECT_EQ(large.queries().front().result.rows, 0U);
  EXPECT_EQ(worker.run(large), "");
  EXPECT_EQ(std::get<0>(Rows<std::int64_t>(std::move(large.queries().front().result)).front()), 100'000);
  int refused = 0;
  for (StartedBatch again(numbers(100)); !backend.run_now(again); ++refused) {
  }
  EXPECT_EQ(refused, 64);
}

TEST_F(SqliteBatches, leave_the_worker_when_the_rows_are_too_large) {
  const Statement<Row<std::string_view>(std::int32_t)> text(
      "SELECT cast(zeroblob($1) AS TEXT) UNION ALL SELECT ''", {.bounded = true});
  EXPECT_EQ(sqlstate_of(test::find_item(1)), "");
  StartedBatch small(text(1000));
  EXPECT_TRUE(backend.run_now(small));
  StartedBatch large(text(1024 * 1024));
  EXPECT_FALSE(backend.run_now(large));
  EXPECT_EQ(worker.run(large), "");
  EXPECT_GT(large.queries().front().result.values.size(), std::size_t{1024} * 1024);
  EXPECT_EQ(sqlstate_of(text(65 * 1024 * 1024)), "54000");
}

TEST_F(SqliteBatches, may_be_withdrawn_while_they_wait) {
  EXPECT_EQ(sqlstate_of(test::insert_item("known as a write")), "");
  data::Lane& lane = worker.acquire();
  {
    StartedBatch batch(test::insert_item("nib"));
    backend.start(batch);
    wait_for_state("3 connections, 1 of them busy, 1 waiting");
    backend.withdraw(batch);
  }
  wait_for_state("3 connections, 1 of them busy, 0 waiting");
  backend.release(lane);
  EXPECT_EQ(sqlstate_of(test::insert_item("cap")), "");
  EXPECT_EQ(count(), 4);
}

TEST_F(SqliteBatches, end_when_they_are_withdrawn_while_they_only_read) {
  EXPECT_EQ(count(), 2);
  {
    StartedBatch first(test::endless_read());
    StartedBatch second(test::endless_read());
    backend.start(first);
    backend.start(second);
    wait_for_state("3 connections, 2 of them busy, 0 waiting");
    backend.withdraw(first);
    backend.withdraw(second);
  }
  wait_for_state("3 connections, 0 of them busy, 0 waiting");
  EXPECT_EQ(count(), 2);
}

TEST_F(SqliteBatches, are_dropped_with_the_worker_while_they_run) {
  EXPECT_EQ(count(), 2);
  StartedBatch read(test::endless_read());
  StartedBatch write(test::endless_write());
  {
    test::SourceWorker other(*source);
    other.backend().start(read);
    other.backend().start(write);
    wait_for_state("3 connections, 2 of them busy, 0 waiting");
  }
  EXPECT_FALSE(read.is_done());
  EXPECT_FALSE(write.is_done());
}  // the source interrupts the write, which would never end

TEST_F(SqliteBatches, are_refused_when_1024_wait) {
  EXPECT_EQ(sqlstate_of(test::insert_item("known as a write")), "");
  data::Lane& lane = worker.acquire();
  std::deque<StartedBatch> batches;
  for (std::size_t i = 0; i < data::sqlite::Threads::most_waiting; ++i) {
    backend.start(batches.emplace_back(test::insert_item(std::to_string(i))));
  }
  EXPECT_EQ(sqlstate_of(test::insert_item("one more")), "53300");
  NotedRequest request;
  backend.acquire(request);
  EXPECT_FALSE(request.is_done);
  worker.run_until([&] { return request.is_done; });
  EXPECT_EQ(request.sqlstate, "53300");
  EXPECT_EQ(request.message, "the database is busy: 3 connections, 1 of them busy, 1024 waiting");
  backend.release(lane);
  worker.run_until([&] { return batches.back().is_done(); });
  for (const StartedBatch& batch : batches) EXPECT_EQ(batch.sqlstate(), "");
  EXPECT_EQ(count(), 3 + static_cast<std::int64_t>(data::sqlite::Threads::most_waiting));
}

TEST_F(SqliteBatches, of_a_released_lane_are_rolled_back) {
  const Statement<Row<>()> begin("BEGIN IMMEDIATE");
  data::Lane& lane = worker.acquire();
  StartedBatch first(begin());
  StartedBatch second(test::insert_item("nib"));
  lane.start(first);
  lane.start(second);
  worker.run_until([&] { return second.is_done(); });
  EXPECT_EQ(second.sqlstate(), "");
  backend.release(lane);
  EXPECT_EQ(sqlstate_of(test::insert_item("nib")), "");
  EXPECT_EQ(count(), 3);
}

TEST_F(SqliteBatches, go_on_when_who_asked_for_a_lane_wants_it_no_more) {
  data::Lane& lane = worker.acquire();
  NotedRequest waiting;
  backend.acquire(waiting);
  backend.withdraw(waiting);
  backend.release(lane);
  {
    NotedRequest granted;
    backend.acquire(granted);
    wait_for_state("3 connections, 1 of them busy, 0 waiting");  // granted, and on its way back
    if (!granted.is_done) {
      backend.withdraw(granted);
    } else {
      backend.release(*granted.lane);
    }
  }
  EXPECT_EQ(sqlstate_of(test::insert_item("nib")), "");
  EXPECT_FALSE(waiting.is_done);
}

TEST_F(SqliteBatches, go_on_when_a_worker_with_a_lane_ends) {
  {
    test::SourceWorker other(*source);
    static_cast<void>(other.acquire());
  }
  EXPECT_EQ(sqlstate_of(test::insert_item("nib")), "");
}

struct SqliteAcquireTimeout : SqliteBatches {
  SqliteAcquireTimeout() : SqliteBatches(50ms) {}
};

TEST_F(SqliteAcquireTimeout, ends_the_wait_for_a_lane_and_of_a_write) {
  EXPECT_EQ(sqlstate_of(test::insert_item("known as a write")), "");
  data::Lane& lane = worker.acquire();
  EXPECT_EQ(sqlstate_of(test::insert_item("nib")), "53300");
  NotedRequest request;
  backend.acquire(request);
  worker.run_until([&] { return request.is_done; });
  EXPECT_EQ(request.sqlstate, "53300");
  EXPECT_EQ(request.lane, nullptr);
  backend.release(lane);
  EXPECT_EQ(sqlstate_of(test::insert_item("cap")), "");
}

TEST_F(SqliteAcquireTimeout, ends_the_wait_of_a_read_behind_others) {
  EXPECT_EQ(count(), 2);
  StartedBatch first(test::endless_read());
  StartedBatch second(test::endless_read());
  backend.start(first);
  backend.start(second);
  EXPECT_EQ(sqlstate_of(test::count_items()), "53300");
  backend.withdraw(first);
  backend.withdraw(second);
}

struct SqliteStatementTimeout : SqliteBatches {
  SqliteStatementTimeout() : SqliteBatches(never, 100ms) {}
};

TEST_F(SqliteStatementTimeout, stops_reads_and_writes) {
  EXPECT_EQ(sqlstate_of(test::endless_read()), "57014");
  EXPECT_EQ(sqlstate_of(test::endless_write()), "57014");
  EXPECT_EQ(count(), 2);
}

TEST_F(SqliteStatementTimeout, stops_a_write_and_none_of_those_that_share_its_commit) {
  EXPECT_EQ(sqlstate_of(test::endless_write()), "57014");  // known as writes from here on
  EXPECT_EQ(sqlstate_of(test::insert_item("nib")), "");
  data::Lane& lane = worker.acquire();
  StartedBatch before(test::insert_item("before"));
  StartedBatch endless(test::endless_write());
  StartedBatch after(test::insert_item("after"));
  for (StartedBatch* const batch : {&before, &endless, &after}) backend.start(*batch);
  backend.release(lane);
  worker.run_until([&] { return before.is_done() && endless.is_done() && after.is_done(); });
  EXPECT_EQ(before.sqlstate(), "");
  EXPECT_EQ(endless.sqlstate(), "57014");
  EXPECT_EQ(after.sqlstate(), "");
  EXPECT_EQ(count(), 5);
}

TEST_F(SqliteStatementTimeout, leaves_a_transaction_that_can_only_be_rolled_back) {
  const Statement<Row<>()> begin("BEGIN IMMEDIATE");
  const Statement<Row<>()> roll_back("ROLLBACK");
  EXPECT_EQ(count(), 2);
  data::Lane& lane = worker.acquire();
  const auto sqlstate_there = [&](auto bound) {
    StartedBatch batch(std::move(bound));
    lane.start(batch);
    worker.run_until([&] { return batch.is_done(); });
    return batch.sqlstate();
  };
  EXPECT_EQ(sqlstate_there(begin()), "");
  EXPECT_EQ(sqlstate_there(test::endless_write()), "57014");
  EXPECT_EQ(sqlstate_there(test::insert_item("nib")), "25P02");
  EXPECT_EQ(sqlstate_there(roll_back()), "");
  EXPECT_EQ(sqlstate_there(test::insert_item("cap")), "");
  backend.release(lane);
  EXPECT_EQ(count(), 3);
}

}  // namespace
}  // namespace chopin
