#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "chopin/database.hpp"
#include "data/database_worker.hpp"
#include "data/items.hpp"
#include "data/sqlite/memory_folder.hpp"
#include "system/memory.hpp"

namespace chopin {
namespace {

using test::count_items;
using test::find_item;
using test::insert_item;

struct SqliteInMemory : testing::Test {
  test::DatabaseWorker worker{Database::maker({}, test::items)};
  Database& db = worker.database();

  template <class... Columns>
  auto query(BoundStatement<Columns...> bound) {
    return worker.run(db.query(std::move(bound)));
  }
  template <class... Columns>
  std::string sqlstate_of(BoundStatement<Columns...> bound) {
    return worker.sqlstate_of(db.query(std::move(bound)));
  }
  /// What the log would say.
  template <class... Columns>
  std::string fault_of(BoundStatement<Columns...> bound) {
    try {
      query(std::move(bound));
    } catch (const DatabaseError& error) {
      return std::string(error.sqlstate()) + ' ' + error.detail();
    }
    return "";
  }
  std::int64_t count() { return std::get<0>(query(count_items()).front()); }
};

TEST_F(SqliteInMemory, is_filled_when_the_first_statement_needs_it) {
  EXPECT_EQ(db.state(), "0 connections, 0 of them busy, 0 waiting");
  const auto rows = query(find_item(1));
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows.front(), std::tuple(1, std::string_view("pen")));
  EXPECT_TRUE(query(find_item(3)).empty());
  while (db.state() != "3 connections, 0 of them busy, 0 waiting") worker.loop().poll_round();
}

TEST(SqliteInLittleMemory, counts_as_memory_of_the_process_and_grows_no_further_than_it_may) {
  using data::sqlite::MemoryFolder;
  if (!MemoryFolder(MemoryFolder::usual_candidates()).is_in_memory()) GTEST_SKIP() << "/dev/shm has no room";
  constexpr std::uint64_t most = std::uint64_t{16} << 20;
  const std::uint64_t before = system::own_memory();
  DatabaseConfig config;
  config.max_in_memory = most;
  test::DatabaseWorker worker{Database::maker(config, test::items)};
  const std::string text(100'000, 'x');
  std::string state;
  for (int i = 0; i < 200 && state.empty(); ++i) {
    state = worker.sqlstate_of(worker.database().query(insert_item(text + std::to_string(i))));
  }
  EXPECT_EQ(state, "53100");
  EXPECT_GT(system::own_memory(), before + most / 2);
  EXPECT_EQ(worker.run(worker.database().query(find_item(1))).size(), 1U);
}

TEST_F(SqliteInMemory, shows_a_write_to_the_reads_that_follow_it) {
  const Statement<Row<std::int32_t>(std::string_view)> insert_returning(
      "INSERT INTO items(name) VALUES ($1) RETURNING id");
  EXPECT_EQ(query(insert_item("nib")).affected(), 1U);
  EXPECT_EQ(count(), 3);
  EXPECT_EQ(std::get<0>(query(insert_returning("cap")).front()), 4);
  EXPECT_EQ(std::get<1>(query(find_item(4)).front()), "cap");
}

TEST_F(SqliteInMemory, counts_the_rows_that_a_statement_changes) {
  const Statement<Row<>(std::int32_t)> raise("UPDATE items SET count = count + 1 WHERE id >= $1");
  const Statement<Row<>()> create("CREATE TABLE notes(text TEXT)");
  EXPECT_EQ(query(raise(1)).affected(), 2U);
  EXPECT_EQ(query(create()).affected(), 0U);
  EXPECT_EQ(query(raise(9)).affected(), 0U);
  EXPECT_EQ(query(find_item(1)).affected(), 1U);
}

TEST_F(SqliteInMemory, gives_every_type_back_as_it_was) {
  const Statement<Row<bool, std::int32_t, std::int64_t, double, std::string_view, JsonText>(
      bool, std::int32_t, std::int64_t, double, std::string_view, JsonText)>
      echo("SELECT $1, $2, $3, $4, $5, $6");
  const std::string text("a\0\xc3\xa9", 4);
  for (const std::int64_t big : {std::numeric_limits<std::int64_t>::min(), std::int64_t{-1},
                                 std::numeric_limits<std::int64_t>::max()}) {
    const auto small = static_cast<std::int32_t>(big >> 32);
    const auto rows = query(echo(big > 0, small, big, 0.1, text, JsonText{R"({"a":1})"}));
    const auto [flag, int32, int64, real, string, json] = rows.front();
    EXPECT_EQ(flag, big > 0);
    EXPECT_EQ(int32, small);
    EXPECT_EQ(int64, big);
    EXPECT_EQ(real, 0.1);
    EXPECT_EQ(string, text);
    EXPECT_EQ(json.text, R"({"a":1})");
  }
}

TEST_F(SqliteInMemory, takes_and_gives_null_where_it_is_declared) {
  const Statement<Row<std::optional<std::int32_t>, std::optional<std::string_view>>(
      std::optional<std::int32_t>, std::optional<std::string_view>)>
      echo("SELECT $1, $2");
  const auto nulls = query(echo(std::nullopt, std::nullopt));
  EXPECT_EQ(nulls.front(), std::tuple(std::nullopt, std::nullopt));
  const auto values = query(echo(7, ""));
  EXPECT_EQ(values.front(), std::tuple(7, std::string_view()));
}

TEST_F(SqliteInMemory, takes_an_array_as_a_json_array) {
  const Statement<Row<std::int64_t>(std::span<const std::int32_t>)> sum(
      "SELECT coalesce(sum(value), 0) FROM json_each($1)");
  EXPECT_EQ(std::get<0>(query(sum(std::array{1, -2, 2147483647})).front()), 2147483646);
  EXPECT_EQ(std::get<0>(query(sum({})).front()), 0);
}

TEST_F(SqliteInMemory, may_use_a_parameter_several_times_and_in_any_order) {
  const Statement<Row<std::string_view>(std::string_view, std::string_view)> joined("SELECT $2 || $1 || $2");
  EXPECT_EQ(std::get<0>(query(joined("a", "b")).front()), "bab");
}

TEST_F(SqliteInMemory, refuses_a_value_that_is_not_of_the_declared_type_and_names_the_column) {
  const Statement<Row<std::int32_t>()> too_large("SELECT 2147483648 AS big");
  const Statement<Row<std::int32_t>()> text("SELECT 'x' AS word");
  const Statement<Row<std::string_view>()> number("SELECT 1.5 AS part");
  const Statement<Row<bool>()> blob("SELECT x'00' AS bytes");
  EXPECT_EQ(fault_of(too_large()), "22003 the column \"big\" is declared as std::int32_t, and is 2147483648");
  EXPECT_EQ(fault_of(text()), "42804 the column \"word\" is declared as std::int32_t, and is a text");
  EXPECT_EQ(fault_of(number()), "42804 the column \"part\" is declared as std::string_view, and is a float");
  EXPECT_EQ(fault_of(blob()), "42804 the column \"bytes\" is declared as bool, and is a blob");
}

TEST_F(SqliteInMemory, refuses_a_statement_that_is_not_as_declared) {
  const Statement<Row<std::int32_t>()> two_columns("SELECT 1, 2", {.bounded = true});
  const Statement<Row<std::int32_t>(std::int32_t)> no_parameter("SELECT 1");
  const Statement<Row<std::int32_t>(std::int32_t)> other_parameter("SELECT $1 + $2");
  const Statement<Row<std::int32_t>(std::int32_t)> cast("SELECT $1::int4");
  const Statement<Row<>()> several("DELETE FROM items; DELETE FROM owners");
  const Statement<Row<>()> malformed("SELEC 1");
  const Statement<Row<>()> unknown("DELETE FROM missing");
  EXPECT_EQ(fault_of(two_columns()), "42804 SELECT 1, 2: 2 columns, and 1 are declared");
  EXPECT_EQ(fault_of(no_parameter(1)), "42P18 SELECT 1: the parameter $1 is not used");
  EXPECT_EQ(fault_of(other_parameter(1)), "42P02 SELECT $1 + $2: the parameter $2 is not declared");
  EXPECT_EQ(fault_of(cast(1)), "42P02 SELECT $1::int4: the parameter $1::int4 is not declared");
  EXPECT_EQ(sqlstate_of(several()), "42601");
  EXPECT_EQ(sqlstate_of(malformed()), "42601");
  EXPECT_EQ(fault_of(unknown()), "42P01 DELETE FROM missing: no such table: missing");
  EXPECT_EQ(count(), 2);
}

TEST_F(SqliteInMemory, says_which_constraint_is_violated) {
  const Statement<Row<>(std::optional<std::string_view>, std::int32_t)> insert(
      "INSERT INTO items(name, count) VALUES ($1, $2)");
  EXPECT_EQ(sqlstate_of(insert("pen", 1)), "23505");
  EXPECT_EQ(sqlstate_of(insert(std::nullopt, 1)), "23502");
  EXPECT_EQ(sqlstate_of(insert("nib", -1)), "23514");
  EXPECT_EQ(sqlstate_of(test::insert_owned("nib", 9)), "23503");
  EXPECT_EQ(count(), 2);
}

TEST_F(SqliteInMemory, refuses_transactions_by_statement) {
  for (const auto* const sql :
       {"BEGIN", "BEGIN IMMEDIATE", "COMMIT", "ROLLBACK", "SAVEPOINT a", "RELEASE a"}) {
    const Statement<Row<>()> statement(sql);
    EXPECT_EQ(sqlstate_of(statement()), "0A000") << sql;
  }
}

TEST_F(SqliteInMemory, runs_the_statements_of_a_call_each_for_itself) {
  std::vector<BoundStatement<>> inserts;
  for (const auto* const name : {"nib", "pen", "cap"}) inserts.push_back(insert_item(name));
  EXPECT_EQ(worker.sqlstate_of(db.query_all(std::move(inserts))), "23505");
  EXPECT_EQ(count(), 4);
}

TEST_F(SqliteInMemory, runs_all_statements_of_a_call_or_none_if_told_so) {
  std::vector<BoundStatement<>> inserts;
  for (const auto* const name : {"nib", "pen", "cap"}) inserts.push_back(insert_item(name));
  EXPECT_EQ(worker.sqlstate_of(db.query_all(std::move(inserts), Together::yes)), "23505");
  EXPECT_EQ(count(), 2);
  std::vector<BoundStatement<>> others;
  for (const auto* const name : {"nib", "cap"}) others.push_back(insert_item(name));
  EXPECT_EQ(worker.run(db.query_all(std::move(others), Together::yes)).size(), 2U);
  EXPECT_EQ(count(), 4);
}

TEST_F(SqliteInMemory, leaves_nothing_of_a_write_whose_rows_are_not_as_declared) {
  const Statement<Row<std::int32_t>(std::string_view)> insert(
      "INSERT INTO items(name) VALUES ($1) RETURNING name");
  EXPECT_EQ(sqlstate_of(insert("nib")), "42804");
  EXPECT_EQ(count(), 2);
}

TEST_F(SqliteInMemory, runs_several_reads_at_once) {
  std::vector<BoundStatement<std::int32_t, std::string_view>> reads;
  for (const int id : {2, 9, 1}) reads.push_back(find_item(id));
  const auto rows = worker.run(db.query_all(std::move(reads)));
  ASSERT_EQ(rows.size(), 3U);
  EXPECT_EQ(std::get<1>(rows[0].front()), "ink");
  EXPECT_TRUE(rows[1].empty());
  EXPECT_EQ(std::get<1>(rows[2].front()), "pen");
}

TEST_F(SqliteInMemory, sees_what_a_changed_table_gives) {
  const Statement<Row<std::int32_t>()> all("SELECT * FROM notes", {.bounded = true});
  const Statement<Row<>()> create("CREATE TABLE notes(id INTEGER)");
  const Statement<Row<>()> add("INSERT INTO notes VALUES (1)");
  const Statement<Row<>()> alter("ALTER TABLE notes ADD COLUMN text TEXT");
  EXPECT_EQ(sqlstate_of(all()), "42P01");
  query(create());
  query(add());
  EXPECT_EQ(query(all()).size(), 1U);
  query(alter());
  EXPECT_EQ(sqlstate_of(all()), "42804");
}

TEST_F(SqliteInMemory, calls_a_callback_with_the_rows) {
  std::optional<std::string> name;
  query(find_item(1));
  db.query(find_item(2), [&](const std::exception_ptr& error, auto rows) {
    EXPECT_EQ(error, nullptr);
    name = std::get<1>(rows.front());
  });
  EXPECT_FALSE(name);
  while (!name) worker.loop().run_round();
  EXPECT_EQ(name, "ink");
}

TEST_F(SqliteInMemory, commits_a_transaction) {
  const auto transaction = [](Transaction& inner) -> Task<std::int64_t> {
    co_await inner.query(insert_item("nib"));
    co_return std::get<0>((co_await inner.query(count_items())).front());
  };
  EXPECT_EQ(worker.run(db.transaction(transaction)), 3);
  EXPECT_EQ(count(), 3);
}

TEST_F(SqliteInMemory, rolls_back_a_transaction_whose_body_throws) {
  const auto transaction = [](Transaction& inner) -> Task<> {
    co_await inner.query(insert_item("nib"));
    throw std::runtime_error("no");
  };
  EXPECT_THROW(worker.run(db.transaction(transaction)), std::runtime_error);
  EXPECT_EQ(count(), 2);
}

TEST_F(SqliteInMemory, rolls_back_a_transaction_in_which_a_statement_has_failed) {
  const auto transaction = [](Transaction& inner) -> Task<> {
    co_await inner.query(insert_item("nib"));
    std::string state;
    try {
      co_await inner.query(insert_item("pen"));
    } catch (const DatabaseError& error) {
      state = error.sqlstate();
    }
    EXPECT_EQ(state, "23505");
    co_await inner.query(insert_item("cap"));
  };
  EXPECT_EQ(worker.sqlstate_of(db.transaction(transaction)), "25P02");
  EXPECT_EQ(count(), 2);
}

TEST_F(SqliteInMemory, rolls_back_a_transaction_whose_commit_is_refused) {
  const auto transaction = [](Transaction& inner) -> Task<> {
    co_await inner.query(test::insert_owned("nib", 9));  // checked at the commit
  };
  EXPECT_EQ(worker.sqlstate_of(db.transaction(transaction)), "23503");
  EXPECT_EQ(count(), 2);
  EXPECT_EQ(query(insert_item("cap")).affected(), 1U);
}

}  // namespace
}  // namespace chopin
