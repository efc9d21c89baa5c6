// What becomes of requests when PostgreSQL goes away, and when it comes back.
#include <atomic>
#include <chrono>
#include <cstddef>
#include <future>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "data/database_server.hpp"
#include "data/no_postgres.hpp"
#include "harness/eventually.hpp"
#include "harness/postgres.hpp"

namespace chopin::test {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;
void expect_unavailable(const Response& response) {
  EXPECT_EQ(response.status, 503) << response.head << response.body;
  EXPECT_FALSE(response.field("Retry-After").empty()) << response.head;
  EXPECT_EQ(response.field("Content-Type"), "application/json");
  EXPECT_NE(response.body.find(R"("success":false)"), std::string::npos) << response.body;
}

/// Waits until so many statements of the role run or wait in PostgreSQL.
void wait_for_statements(const std::string& superuser_url, int count) {
  PlainConnection connection(superuser_url);
  const std::string running =
      "SELECT count(*) FROM pg_stat_activity WHERE usename LIKE 'chopin%' AND wait_event = 'PgSleep'";
  EXPECT_TRUE(eventually([&] { return std::stoi(connection.value(running)) >= count; }));
}

class PostgresLoss : public testing::TestWithParam<const char*> {
 protected:
  [[nodiscard]] const std::string& url() const { return postgres.url(GetParam()); }

  OwnPostgres postgres;
};

TEST_P(PostgresLoss, gives_503_while_postgresql_is_killed_and_the_service_is_back_after_it) {
  DatabaseServer server(url());
  EXPECT_EQ(server.ask("/pid").status, 200);
  for (int round = 0; round < 3; ++round) {
    postgres.kill();
    for (int i = 0; i < 5; ++i) expect_unavailable(server.ask("/pid"));
    EXPECT_EQ(server.ask("/now").body, "now");
    postgres.start();
    EXPECT_TRUE(server.serves_within(soon)) << server.ask("/pid").body;
  }
}

TEST_P(PostgresLoss, ends_the_requests_whose_statements_run) {
  DatabaseServer server(url(), {.connections = 4, .statement_timeout = 60s});
  std::vector<std::future<Response>> waiting;
  for (const char* path : {"/sleep?seconds=50", "/sleep?seconds=50", "/slow?seconds=50"}) {
    waiting.push_back(server.ask_later(path));
  }
  wait_for_statements(postgres.url("superuser_url"), 2);
  const auto killed = Clock::now();
  postgres.kill();
  for (auto& response : waiting) {
    const Response lost = response.get();
    expect_unavailable(lost);
    EXPECT_NE(lost.body.find(" of 4 connections open"), std::string::npos) << lost.body;
  }
  EXPECT_LT(Clock::now() - killed, 5s);
}

INSTANTIATE_TEST_SUITE_P(By, PostgresLoss, testing::Values("url", "socket_url", "tls_url"),
                         [](const auto& each) { return std::string(each.param); });

class PostgresAway : public testing::Test {
 protected:
  OwnPostgres postgres;
};

TEST_F(PostgresAway, at_the_start_leaves_the_server_to_start_and_serve_when_it_comes) {
  postgres.stop();
  DatabaseServer server(postgres.url(), {}, 2);
  EXPECT_TRUE(server.logs("the database cannot be reached"));
  EXPECT_EQ(server.ask("/now").body, "now");
  for (int i = 0; i < 8; ++i) expect_unavailable(server.ask("/pid"));
  postgres.start();
  EXPECT_TRUE(server.serves_within(soon));
}

TEST_F(PostgresAway, by_a_proper_stop_gives_503_and_is_told_apart_from_other_faults) {
  DatabaseServer server(postgres.url(), {.connections = 1, .statement_timeout = 60s});
  std::future<Response> waiting = server.ask_later("/sleep?seconds=50");
  wait_for_statements(postgres.url("superuser_url"), 1);
  postgres.stop();
  expect_unavailable(waiting.get());
  expect_unavailable(server.ask("/pid"));
  postgres.start();
  EXPECT_TRUE(server.serves_within(soon));
}

TEST_F(PostgresAway, ten_times_under_load_leaves_no_request_without_its_response) {
  DatabaseServer server(postgres.url(), {.acquire_timeout = 500ms}, 2);
  std::atomic<bool> is_over = false;
  std::vector<std::future<std::map<int, int>>> clients;
  for (int i = 0; i < 6; ++i) {
    clients.push_back(std::async(std::launch::async, [&, i] {
      std::map<int, int> statuses;
      RawClient client(server.port());
      while (!is_over) {
        client.send(get(i % 3 == 0 ? "/now" : "/pid"));
        ++statuses[client.read_response().status];
        std::this_thread::sleep_for(1ms);  // 503 comes at once: without a pause they would take all CPUs
      }
      return statuses;
    }));
  }
  const std::shared_ptr<void> at_the_end(nullptr, [&](void*) { is_over = true; });
  for (int round = 0; round < 10; ++round) {
    EXPECT_TRUE(server.serves_within(soon)) << "round " << round;
    postgres.kill();
    postgres.start();
  }
  EXPECT_TRUE(server.serves_within(soon));
  is_over = true;
  for (std::size_t i = 0; i < clients.size(); ++i) {
    for (const auto& [status, count] : clients[i].get()) {
      EXPECT_TRUE(status == 200 || (status == 503 && i % 3 != 0)) << status << " " << count << " times";
    }
  }
}

TEST_F(PostgresAway, for_sessions_that_are_terminated_concerns_their_requests_alone) {
  DatabaseServer server(postgres.url(), {.connections = 4, .statement_timeout = 60s});
  PlainConnection superuser(postgres.url("superuser_url"));
  EXPECT_EQ(server.ask("/pid").status, 200);
  std::future<Response> waiting = server.ask_later("/slow?seconds=50");
  wait_for_statements(postgres.url("superuser_url"), 1);
  superuser.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'chopin'");
  const Response cut = waiting.get();
  expect_unavailable(cut);
  EXPECT_NE(cut.body.find(" of 4 connections open"), std::string::npos) << cut.body;
  EXPECT_EQ(cut.body.find("administrator"), std::string::npos) << cut.body;  // that is for the log
  EXPECT_TRUE(server.serves_within(soon));
}

TEST_F(PostgresAway, for_idle_sessions_that_are_terminated_is_not_noticed_by_later_requests) {
  DatabaseServer server(postgres.url(), {.connections = 1});
  PlainConnection superuser(postgres.url("superuser_url"));
  const std::string sessions = "SELECT count(*) FROM pg_stat_activity WHERE usename = 'chopin'";
  const std::string first = server.ask("/pid").body;
  superuser.query("SELECT pg_terminate_backend(" + first + ")");
  // The connection is made again without a request that asks for it.
  const std::string other = sessions + " AND pid <> " + first + " AND state = 'idle'";
  EXPECT_TRUE(eventually([&] { return superuser.value(other) == "1"; }));
  EXPECT_TRUE(server.serves_within(soon));
  EXPECT_NE(server.ask("/pid").body, first);
}

TEST_F(PostgresAway, during_a_commit_leaves_the_transaction_to_be_repeated_by_nobody) {
  PlainConnection connection(postgres.url());
  connection.query("CREATE TABLE t (id integer)");
  connection.query(
      "CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(50); RETURN "
      "NULL; END $$");
  connection.query(
      "CREATE CONSTRAINT TRIGGER late AFTER INSERT ON t DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE "
      "FUNCTION wait()");
  DatabaseServer server(postgres.url(), {.statement_timeout = 60s});
  std::future<Response> waiting = server.ask_later("/insert?id=1");
  PlainConnection superuser(postgres.url("superuser_url"));
  EXPECT_TRUE(eventually([&] {
    return superuser.value(
               "SELECT count(*) FROM pg_stat_activity WHERE query = 'COMMIT' AND state = 'active'") == "1";
  }));
  superuser.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query = 'COMMIT' AND usename = 'chopin'");
  const Response unknown = waiting.get();
  EXPECT_EQ(unknown.status, 500);
  EXPECT_EQ(unknown.field("Retry-After"), "");
  EXPECT_NE(unknown.body.find("may have been made or not"), std::string::npos) << unknown.body;
  EXPECT_TRUE(server.logs("sqlstate=08007"));
  EXPECT_EQ(server.bodies_run(), 1);
}

TEST_F(PostgresAway, for_want_of_its_connections_says_so_at_the_start_and_serves_with_those_it_has) {
  postgres.stop();
  postgres.start("max_connections=4 superuser_reserved_connections=1");
  DatabaseServer server(postgres.url(), {.connections = 16}, 2);
  EXPECT_TRUE(server.logs("the database cannot give all connections"));
  std::map<int, int> statuses;
  for (int i = 0; i < 50; ++i) ++statuses[server.ask("/pid").status];
  EXPECT_GT(statuses[200], 20);
  EXPECT_EQ(statuses[200] + statuses[503], 50);
}

TEST_F(PostgresAway, for_want_of_any_connection_gives_503_until_there_is_one) {
  postgres.stop();
  postgres.start("max_connections=2 superuser_reserved_connections=0");
  std::optional<PlainConnection> one(postgres.url());
  const PlainConnection other(postgres.url());
  DatabaseServer server(postgres.url(), {.connections = 2});
  expect_unavailable(server.ask("/pid"));
  EXPECT_TRUE(server.logs("too many"));
  one.reset();
  EXPECT_TRUE(server.serves_within(soon));
}

TEST(PostgresThatHangsUp, is_asked_for_a_connection_now_and_then_however_many_requests_fail) {
  const NoPostgres away(NoPostgres::Then::close);
  const auto begin = Clock::now();
  const DatabaseServer server(away.url(), {}, 4);
  while (away.accepted() < 6) expect_unavailable(server.ask("/pid"));
  // At least half of 25, 50, 100, 200 and 400 ms.
  EXPECT_GE(Clock::now() - begin, 387ms);
}

TEST(PostgresThatHangsUp, is_asked_for_four_connections_at_a_time) {
  const NoPostgres silent(NoPostgres::Then::hold);
  DatabaseServer server(silent.url(), {.connections = 16, .acquire_timeout = 500ms}, 4);
  std::vector<std::future<Response>> waiting;
  for (int i = 0; i < 40; ++i) waiting.push_back(server.ask_later(i % 2 == 0 ? "/pid" : "/slow?seconds=1"));
  for (auto& response : waiting) expect_unavailable(response.get());
  EXPECT_GE(silent.most_open(), 1);
  EXPECT_LE(silent.most_open(), 4);
}

TEST_F(PostgresAway, for_a_wrong_password_gives_503_and_writes_it_nowhere) {
  std::string url = postgres.url();
  url.insert(url.find('@'), "wrong");
  DatabaseServer server(url);
  const Response refused = server.ask("/pid");
  expect_unavailable(refused);
  const std::string secret = url.substr(url.find("chopin:") + 7, 32);  // its letters, which nothing escapes
  EXPECT_EQ(refused.body.find(secret), std::string::npos);
  EXPECT_TRUE(server.logs("password authentication failed"));
  EXPECT_EQ(server.log().count(secret), 0U);
}

}  // namespace
}  // namespace chopin::test
