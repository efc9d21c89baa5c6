// Transactions on PostgreSQL: which end, and how often they run.
#include <chrono>
#include <cstdint>
#include <exception>
#include <string>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <gtest/gtest.h>

#include "data/database_worker.hpp"
#include "harness/postgres.hpp"

namespace chopin::test {
namespace {

using namespace std::chrono_literals;

const Statement<Row<>(std::int32_t)> insert("INSERT INTO t VALUES ($1, 0)");
const Statement<Row<std::int32_t>(std::int32_t)> read("SELECT number FROM t WHERE id = $1");
const Statement<Row<>(std::int32_t)> count_up("UPDATE t SET number = number + 1 WHERE id = $1");

/// One connection, so that a transaction that was left open would take in what comes after it.
class PostgresTransactions : public testing::Test {
 protected:
  PostgresTransactions() { observer.query("CREATE TABLE t (id integer PRIMARY KEY, number integer)"); }

  std::string rows() { return observer.value("SELECT count(*) FROM t"); }
  void expect_connection_outside_a_transaction() {
    worker.run(worker.database().query(insert(100)));
    EXPECT_EQ(rows(), "1");
  }
  /// Adds 1 to a row that another session changes after it was read, the first `conflicts` times.
  Task<> conflicting(int conflicts, int& runs) {
    return worker.database().transaction(
        [this, conflicts, &runs](Transaction& transaction) -> Task<> {
          ++runs;
          co_await transaction.query(read(1));
          if (runs <= conflicts) observer.query("UPDATE t SET number = number + 10 WHERE id = 1");
          co_await transaction.query(count_up(1));
        },
        {.isolation = Isolation::repeatable_read, .most_attempts = 3});
  }

  const OwnDatabase database;
  PlainConnection observer{database.url()};
  DatabaseWorker worker{Database::maker({.url = database.url(), .connections = 1, .acquire_timeout = 500ms})};
};

TEST_F(PostgresTransactions, whose_deadline_is_over_are_rolled_back) {
  const auto late = [](Transaction& transaction) -> Task<> {
    co_await transaction.query(insert(1));
    co_await sleep_for(300ms);
    co_await transaction.query(insert(2));
  };
  EXPECT_EQ(worker.sqlstate_of(worker.database().transaction(late, {.deadline = 100ms})), "57014");
  expect_connection_outside_a_transaction();
}

TEST_F(PostgresTransactions, that_are_cancelled_are_rolled_back) {
  bool has_inserted = false;
  bool is_done = false;
  const auto endless = [&](Transaction& transaction) -> Task<> {
    co_await transaction.query(insert(1));
    has_inserted = true;
    co_await sleep_for(1h);
  };
  boost::asio::cancellation_signal client_leaves;
  boost::asio::co_spawn(
      Executor(worker.loop()), worker.database().transaction(endless, {.deadline = 1h}),
      boost::asio::bind_cancellation_slot(client_leaves.slot(), [&](const std::exception_ptr& error) {
        is_done = true;
        EXPECT_NE(error, nullptr);
      }));
  while (!has_inserted) worker.loop().run_round();
  client_leaves.emit(boost::asio::cancellation_type::terminal);
  while (!is_done) worker.loop().run_round();
  expect_connection_outside_a_transaction();
}

TEST_F(PostgresTransactions, that_ignore_an_error_are_not_committed) {
  const auto careless = [](Transaction& transaction) -> Task<> {
    co_await transaction.query(insert(1));
    try {
      co_await transaction.query(insert(1));
    } catch (const DatabaseError& error) {
      EXPECT_EQ(error.sqlstate(), "23505");
    }
  };
  EXPECT_EQ(worker.sqlstate_of(worker.database().transaction(careless)), "25P02");
  expect_connection_outside_a_transaction();
}

TEST_F(PostgresTransactions, that_conflict_run_again) {
  observer.query("INSERT INTO t VALUES (1, 0)");
  int runs = 0;
  worker.run(conflicting(2, runs));
  EXPECT_EQ(runs, 3);
  EXPECT_EQ(observer.value("SELECT number FROM t WHERE id = 1"), "21");
}

TEST_F(PostgresTransactions, that_conflict_each_time_give_up) {
  observer.query("INSERT INTO t VALUES (1, 0)");
  int runs = 0;
  EXPECT_EQ(worker.sqlstate_of(conflicting(100, runs)), "40001");
  EXPECT_EQ(runs, 3);
}

TEST_F(PostgresTransactions, within_each_other_on_the_only_connection_fail_in_time) {
  const auto nested = [this](Transaction& transaction) -> Task<> {
    co_await transaction.query(insert(1));
    co_await worker.database().transaction(
        [](Transaction& inner) -> Task<> { co_await inner.query(insert(2)); });
  };
  EXPECT_EQ(worker.sqlstate_of(worker.database().transaction(nested)), "53300");
  expect_connection_outside_a_transaction();
}

}  // namespace
}  // namespace chopin::test
