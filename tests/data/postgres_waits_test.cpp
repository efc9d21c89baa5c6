// Requests whose statements take long, or whose PostgreSQL says nothing: each wait has an end.
#include <chrono>
#include <csignal>
#include <future>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "data/database_server.hpp"
#include "data/database_worker.hpp"
#include "harness/postgres.hpp"

namespace chopin::test {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

/// Two ticks of the loop's coarse clock, and what a busy machine adds.
constexpr auto slack = 4s;

TEST(PostgresWaits, for_a_statement_end_by_its_timeout_and_the_connection_is_used_again) {
  const OwnDatabase database;
  DatabaseServer server(database.url(), {.connections = 1, .statement_timeout = 200ms});
  const std::string process = server.ask("/pid").body;
  for (const char* path : {"/sleep?seconds=30", "/slow?seconds=30"}) {
    const auto asked = Clock::now();
    const Response response = server.ask(path);
    EXPECT_EQ(response.status, 504) << response.head << response.body;
    EXPECT_LT(Clock::now() - asked, slack);
    EXPECT_EQ(server.ask("/pid").body, process);
  }
}

TEST(PostgresWaits, of_a_handler_for_itself_do_not_begin) {
  DatabaseServer server(postgres().at("url"), {.connections = 4});
  EXPECT_EQ(server.ask("/twice").status, 500);
  EXPECT_TRUE(server.logs("sqlstate=25001"));
  EXPECT_EQ(server.ask("/pid").status, 200);
}

TEST(PostgresWaits, for_others_end_by_the_acquire_timeout_while_a_slow_statement_has_the_only_connection) {
  const OwnDatabase database;
  DatabaseServer server(database.url(),
                        {.connections = 1, .acquire_timeout = 500ms, .statement_timeout = 20s});
  std::future<Response> slow = server.ask_later("/slow?seconds=3");
  PlainConnection connection(postgres().at("superuser_url"));
  while (
      connection.value("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = '" +
                       database.name() + "'") != "1") {
  }
  const Response other = server.ask("/pid");
  EXPECT_EQ(other.status, 503);
  EXPECT_FALSE(other.field("Retry-After").empty());
  EXPECT_EQ(slow.get().status, 200);
  EXPECT_EQ(server.ask("/pid").status, 200);
}

TEST(PostgresWaits, for_a_slow_statement_keep_no_other_waiting_if_there_are_two_connections) {
  const OwnDatabase database;
  DatabaseServer server(database.url(), {.connections = 2, .statement_timeout = 60s});
  EXPECT_EQ(server.ask("/pid").status, 200);
  std::future<Response> slow = server.ask_later("/slow?seconds=2");
  const auto asked = Clock::now();
  for (int i = 0; i < 20; ++i) EXPECT_EQ(server.ask("/pid").status, 200);
  EXPECT_EQ(slow.wait_for(0s), std::future_status::timeout);
  EXPECT_LT(Clock::now() - asked, 2s);
  EXPECT_EQ(slow.get().status, 200);
}

TEST(PostgresWaits, end_while_postgresql_is_paused_and_its_return_is_noticed) {
  OwnPostgres postgres;
  DatabaseServer server(postgres.url(), {.connections = 2, .acquire_timeout = 1s, .statement_timeout = 1s},
                        2);
  for (int i = 0; i < 6; ++i) EXPECT_EQ(server.ask("/pid").status, 200);
  postgres.pause();
  for (int round = 0; round < 2; ++round) {  // then nothing is connected any more
    const auto asked = Clock::now();
    std::vector<std::future<Response>> waiting;
    for (int i = 0; i < 20; ++i) waiting.push_back(server.ask_later("/pid"));
    for (int i = 0; i < 5; ++i) EXPECT_EQ(server.ask("/now").body, "now");
    for (auto& response : waiting) {
      const int status = response.get().status;
      EXPECT_TRUE(status == 503 || status == 504) << status;
    }
    EXPECT_LT(Clock::now() - asked, 2s + slack);
  }
  postgres.resume();
  EXPECT_TRUE(server.serves_within(soon));
}

TEST(PostgresWaits, for_one_process_that_is_paused_end_and_other_requests_do_not_wait_with_them) {
  const OwnDatabase database;
  DatabaseServer server(database.url(), {.connections = 1, .acquire_timeout = 1s, .statement_timeout = 1s});
  const std::string process = server.ask("/pid").body;
  ASSERT_EQ(kill(std::stoi(process), SIGSTOP), 0);
  const int status = server.ask("/pid").status;
  EXPECT_TRUE(status == 503 || status == 504) << status;
  EXPECT_TRUE(server.serves_within(slack));  // on another connection
  EXPECT_NE(server.ask("/pid").body, process);
  kill(std::stoi(process), SIGCONT);
}

TEST(PostgresWaits, end_with_the_server_while_postgresql_is_paused) {
  OwnPostgres postgres;
  auto server = std::make_unique<DatabaseServer>(postgres.url());
  EXPECT_EQ(server->ask("/pid").status, 200);
  postgres.pause();
  RawClient client(server->port());
  client.send(get("/pid"));
  EXPECT_EQ(server->ask("/now").body, "now");
  const auto stopped = Clock::now();
  server.reset();
  EXPECT_LT(Clock::now() - stopped, 12s);
}

TEST(PostgresWaits, of_callbacks_are_dropped_at_the_end_of_the_worker) {
  const OwnDatabase database;
  static const Statement<Row<std::int32_t>(double)> sleep("SELECT 1 FROM pg_sleep($1)");
  static const Statement<Row<std::int32_t>(double)> slow("SELECT 1 FROM pg_sleep($1)", {.slow = true});
  const auto alive = std::make_shared<int>();
  {
    DatabaseWorker worker(Database::maker({.url = database.url(), .connections = 2, .pipeline = 1}));
    const auto never = [alive](const std::exception_ptr&, const auto&) { ADD_FAILURE() << "called"; };
    for (int i = 0; i < 3; ++i) worker.database().query(sleep(60), never);
    for (int i = 0; i < 3; ++i) worker.database().query(slow(60), never);
    while (!worker.database().state().starts_with("2 of 2 connections open, 2 busy"))
      worker.loop().run_round();
    EXPECT_EQ(alive.use_count(), 8);
  }
  EXPECT_EQ(alive.use_count(), 1);
}

}  // namespace
}  // namespace chopin::test
