// Transactions on PostgreSQL: which end, and how often they run.
#include <chrono>
#include <cstdint>
#include <exception>
#include <future>
#include <string>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <gtest/gtest.h>

#include "data/database_worker.hpp"
#include "harness/eventually.hpp"
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

Task<> insert_two(Transaction& transaction) {
  co_await transaction.query(insert(2));
}

TEST_F(PostgresTransactions, within_each_other_fail_at_once) {
  const auto nested = [this](Transaction& transaction) -> Task<> {
    co_await transaction.query(insert(1));
    co_await worker.database().transaction(insert_two);
  };
  EXPECT_EQ(worker.sqlstate_of(worker.database().transaction(nested)), "25001");
  expect_connection_outside_a_transaction();
}

TEST_F(PostgresTransactions, of_another_coroutine_wait_for_the_only_connection_within_the_acquire_timeout) {
  const auto impatient = [this](Transaction& transaction) -> Task<> {
    co_await transaction.query(insert(1));
    co_await boost::asio::co_spawn(Executor(worker.loop()), worker.database().transaction(insert_two),
                                   boost::asio::use_awaitable_t<Executor>());
  };
  EXPECT_EQ(worker.sqlstate_of(worker.database().transaction(impatient)), "53300");
  expect_connection_outside_a_transaction();
}

TEST_F(PostgresTransactions, that_are_idle_at_their_deadline_keep_their_connection) {
  const Statement<Row<std::int32_t>()> session("SELECT pg_backend_pid()");
  const auto session_now = [&] { return worker.run(worker.database().query(session())).front(); };
  const auto before = session_now();
  EXPECT_EQ(worker.sqlstate_of([&]() -> Task<> {
    co_await worker.database().transaction(
        [&](Transaction& transaction) -> Task<> {
          co_await sleep_for(100ms);
          co_await transaction.query(insert(1));
        },
        {.deadline = 50ms});
  }()),
            "57014");
  EXPECT_EQ(session_now(), before);
}

TEST_F(PostgresTransactions, whose_statement_still_runs_at_their_deadline_have_it_cancelled) {
  const Statement<Row<std::int32_t>()> sleep("SELECT 1 FROM pg_sleep(60)");
  const auto late = [&](Transaction& transaction) -> Task<> { co_await transaction.query(sleep()); };
  DatabaseWorker patient(Database::maker(
      {.url = database.url(), .connections = 1, .statement_timeout = std::chrono::minutes(1)}));
  EXPECT_EQ(patient.sqlstate_of(patient.database().transaction(late, {.deadline = 100ms})), "57014");
  EXPECT_EQ(patient.run(patient.database().query(insert(1))).affected(), 1U);
  EXPECT_TRUE(database.ends("pg_sleep"));
}

TEST_F(PostgresTransactions, that_are_being_committed_at_their_deadline_may_have_been_committed) {
  observer.query(
      "CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(60); RETURN "
      "NULL; "
      "END $$; CREATE CONSTRAINT TRIGGER late AFTER INSERT ON t DEFERRABLE INITIALLY DEFERRED FOR EACH ROW "
      "EXECUTE FUNCTION wait()");
  DatabaseWorker patient(Database::maker(
      {.url = database.url(), .connections = 1, .statement_timeout = std::chrono::minutes(1)}));
  EXPECT_EQ(patient.sqlstate_of(patient.database().transaction(insert_two, {.deadline = 2s})), "08007");
  patient.run(patient.database().query(read(1)));  // on another connection, since that one is closed
  EXPECT_TRUE(database.ends("COMMIT"));
}

TEST_F(PostgresTransactions, that_are_over_before_they_are_committed_are_not) {
  const auto late = [](Transaction& transaction) -> Task<> {
    co_await transaction.query(insert(1));
    co_await sleep_for(300ms);
  };
  EXPECT_EQ(worker.sqlstate_of(worker.database().transaction(late, {.deadline = 100ms})), "57014");
  expect_connection_outside_a_transaction();
}

TEST_F(PostgresTransactions, that_deadlock_run_again) {
  observer.query("INSERT INTO t VALUES (1, 0), (2, 0)");
  PlainConnection rival(database.url("superuser_url"));
  PlainConnection superuser(database.url("superuser_url"));
  rival.query("BEGIN");
  rival.query("SET LOCAL deadlock_timeout = '1min'");  // it does not look for deadlocks itself
  rival.query("UPDATE t SET number = number + 10 WHERE id = 2");
  std::future<void> rivals_end;
  int runs = 0;
  worker.run(worker.database().transaction([&](Transaction& transaction) -> Task<> {
    if (++runs == 2) rivals_end.get();  // or it could meet this one again
    co_await transaction.query(count_up(1));
    if (runs == 1) {
      rivals_end = std::async(std::launch::async, [&] {
        rival.query("UPDATE t SET number = number + 10 WHERE id = 1");
        rival.query("COMMIT");
      });
      EXPECT_TRUE(eventually([&] {
        return superuser.value(
                   "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND "
                   "datname = current_database()") == "1";
      }));
    }
    co_await transaction.query(count_up(2));
  }));
  EXPECT_EQ(runs, 2);
  EXPECT_EQ(observer.value("SELECT string_agg(number::text, ' ') FROM t"), "11 11");
}

// ---- Leases. ----

const Statement<Row<>()> begin("BEGIN");
const Statement<Row<>()> commit("COMMIT");

TEST_F(PostgresTransactions, of_a_lease_end_as_it_says) {
  worker.run([](Database& of) -> Task<> {
    const auto connection = co_await of.lease();
    co_await connection->query(begin());
    co_await connection->query(insert(1));
    co_await connection->query(commit());
  }(worker.database()));
  EXPECT_EQ(rows(), "1");
}

TEST_F(PostgresTransactions, that_a_lease_leaves_open_are_rolled_back) {
  worker.run([](Database& of) -> Task<> {
    const auto connection = co_await of.lease();
    co_await connection->query(begin());
    co_await connection->query(insert(1));
  }(worker.database()));
  expect_connection_outside_a_transaction();
}

TEST_F(PostgresTransactions, of_a_lease_that_conflict_are_its_holders_to_repeat) {
  observer.query("INSERT INTO t VALUES (1, 0)");
  const Statement<Row<>()> begin_repeatable("BEGIN ISOLATION LEVEL REPEATABLE READ");
  const auto conflict = [&]() -> Task<> {
    const auto connection = co_await worker.database().lease();
    co_await connection->query(begin_repeatable());
    co_await connection->query(read(1));
    observer.query("UPDATE t SET number = 10 WHERE id = 1");
    co_await connection->query(count_up(1));
  };
  EXPECT_EQ(worker.sqlstate_of(conflict()), "40001");
}

TEST_F(PostgresTransactions, and_leases_of_one_coroutine_exclude_each_other) {
  const auto lease_twice = [](Database& of) -> Task<> {
    const auto connection = co_await of.lease();
    co_await of.lease();
  };
  const auto transact = [](Database& of) -> Task<> {
    const auto connection = co_await of.lease();
    co_await of.transaction(insert_two);
  };
  const auto one_after_the_other = [](Database& of) -> Task<> {
    {
      const auto connection = co_await of.lease();
    }
    co_await of.transaction(insert_two);
    co_await of.lease();
  };
  EXPECT_EQ(worker.sqlstate_of(lease_twice(worker.database())), "25001");
  EXPECT_EQ(worker.sqlstate_of(transact(worker.database())), "25001");
  EXPECT_EQ(worker.sqlstate_of(one_after_the_other(worker.database())), "");
}

TEST_F(PostgresTransactions, of_a_lease_end_at_its_deadline) {
  const auto linger = [](Database& of) -> Task<> {
    const auto connection = co_await of.lease(50ms);
    co_await connection->query(begin());
    co_await sleep_for(200ms);
    co_await connection->query(insert(1));
  };
  EXPECT_EQ(worker.sqlstate_of(linger(worker.database())), "57014");
  expect_connection_outside_a_transaction();
}

}  // namespace
}  // namespace chopin::test
