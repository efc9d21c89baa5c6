// Statements with each of the ways to wait for them: a callback, another of Asio's completion tokens, several
// at once.
#include <cstdint>
#include <exception>
#include <future>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <gtest/gtest.h>

#include "data/database_worker.hpp"
#include "data/items.hpp"
#include "harness/postgres.hpp"

namespace chopin::test {
namespace {

const Statement<Row<std::int32_t>(std::int32_t)> doubled_number("SELECT 2 * $1::integer",
                                                                {.sqlite = "SELECT 2 * $1"});
const Statement<Row<std::string_view>(std::string_view)> same_text("SELECT $1::text",
                                                                   {.sqlite = "SELECT $1"});
const Statement<Row<>(std::int32_t)> insert_id("INSERT INTO t VALUES ($1)");

const Schema one_table{.migrations = {{.version = 1,
                                       .name = "t",
                                       .script = {"CREATE TABLE t (id integer PRIMARY KEY)",
                                                  "CREATE TABLE t (id integer PRIMARY KEY)"}}}};

class StatementsOf : public testing::TestWithParam<const char*> {
 protected:
  StatementsOf() {
    if (GetParam() == std::string("PostgreSQL")) {
      database.emplace();
      PlainConnection(database->url()).query(one_table.migrations.front().script.postgres);
      config.url = database->url();
    }
    worker.emplace(Database::maker(config, one_table));
  }
  /// The callback's error for an insertion: "" or the SQLSTATE.
  std::string inserted(std::int32_t id) {
    std::optional<std::string> sqlstate;
    worker->database().query(insert_id(id), [&](const std::exception_ptr& error, const Rows<>&) {
      try {
        if (error != nullptr) std::rethrow_exception(error);
        sqlstate = "";
      } catch (const DatabaseError& refused) {
        sqlstate = refused.sqlstate();
      }
    });
    EXPECT_FALSE(sqlstate.has_value());  // never within the call
    while (!sqlstate) worker->loop().run_round();
    return *sqlstate;
  }

  std::optional<OwnDatabase> database;
  DatabaseConfig config;
  std::optional<DatabaseWorker> worker;
};

TEST_P(StatementsOf, give_a_callback_their_rows) {
  std::int32_t number = 0;
  worker->database().query(doubled_number(21), [&](const std::exception_ptr& error, const auto& rows) {
    EXPECT_EQ(error, nullptr);
    number = std::get<0>(rows.front());
  });
  EXPECT_EQ(number, 0);
  while (number == 0) worker->loop().run_round();
  EXPECT_EQ(number, 42);
}

TEST_P(StatementsOf, give_a_callback_their_error) {
  EXPECT_EQ(inserted(1), "");
  EXPECT_EQ(inserted(1), "23505");
}

TEST_P(StatementsOf, take_other_completion_tokens) {
  worker->run([](Database& of) -> Task<> {
    const auto rows = co_await of.query(doubled_number(4), boost::asio::use_awaitable_t<Executor>());
    EXPECT_EQ(std::get<0>(rows.front()), 8);
  }(worker->database()));
  std::future<Rows<std::int32_t>> future =
      worker->database().query(doubled_number(5), boost::asio::use_future);
  while (future.wait_for(std::chrono::seconds(0)) != std::future_status::ready) worker->loop().run_round();
  EXPECT_EQ(std::get<0>(future.get().front()), 10);
}

TEST_P(StatementsOf, of_different_types_can_be_awaited_together) {
  using namespace boost::asio::experimental::awaitable_operators;  // NOLINT: as their manual says
  worker->run([](Database& of) -> Task<> {
    const auto [number, text] = co_await (of.query(doubled_number(3)) && of.query(same_text("three")));
    EXPECT_EQ(std::get<0>(number.front()), 6);
    EXPECT_EQ(std::get<0>(text.front()), "three");
  }(worker->database()));
}

INSTANTIATE_TEST_SUITE_P(Each, StatementsOf, testing::Values("PostgreSQL", "Sqlite"),
                         [](const auto& each) { return std::string(each.param); });

}  // namespace
}  // namespace chopin::test
