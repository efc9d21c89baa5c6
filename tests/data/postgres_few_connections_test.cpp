// Fewer connections than workers: those without any ask the others.
#include <chrono>
#include <future>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "data/database_server.hpp"
#include "harness/eventually.hpp"
#include "harness/postgres.hpp"

namespace chopin::test {
namespace {

using namespace std::chrono_literals;

constexpr std::uint32_t workers = 4;

std::vector<Response> ask_at_once(const DatabaseServer& server, const std::vector<std::string>& paths) {
  std::vector<std::future<Response>> waiting;
  for (const std::string& path : paths) waiting.push_back(server.ask_later(path));
  std::vector<Response> responses;
  for (auto& response : waiting) responses.push_back(response.get());
  return responses;
}

/// One connection to each worker, which asks for its statement over and over: all workers are asked.
std::vector<Response> ask_all_workers(const DatabaseServer& server, const std::string& path) {
  std::vector<RawClient> clients;
  for (std::uint32_t i = 0; i < workers; ++i) clients.emplace_back(server.port());
  std::vector<Response> responses;
  for (RawClient& client : clients) client.send(get(path));
  for (RawClient& client : clients) responses.push_back(client.read_response());
  return responses;
}

TEST(FewConnections, serve_the_statements_of_all_workers) {
  const OwnDatabase database;
  DatabaseServer server(database.url(), {.connections = 1}, workers);
  std::set<std::string> processes;
  for (int round = 0; round < 5; ++round) {
    for (const Response& response : ask_all_workers(server, "/pid")) {
      EXPECT_EQ(response.status, 200) << response.body;
      processes.insert(response.body);
    }
  }
  EXPECT_EQ(processes.size(), 1);
}

TEST(FewConnections, are_as_many_as_said) {
  const OwnDatabase database;
  DatabaseServer server(database.url(), {.connections = 3}, workers);
  for (int round = 0; round < 5; ++round) ask_all_workers(server, "/pid");
  PlainConnection connection(postgres().at("superuser_url"));
  const std::string open =
      connection.value("SELECT count(*) FROM pg_stat_activity WHERE datname = '" + database.name() + "'");
  EXPECT_LE(std::stoi(open), 3);
}

TEST(FewConnections, serve_transactions_and_slow_statements_of_all_workers) {
  const OwnDatabase database;
  PlainConnection(database.url()).query("CREATE TABLE t (id integer PRIMARY KEY)");
  DatabaseServer server(database.url(), {.connections = 1, .acquire_timeout = 8s, .statement_timeout = 9s},
                        workers);
  std::vector<std::string> paths;
  for (int i = 0; i < 8; ++i) {
    paths.push_back("/insert?id=" + std::to_string(i));
    paths.emplace_back("/slow?seconds=0.01");
  }
  for (const Response& response : ask_at_once(server, paths))
    EXPECT_EQ(response.status, 200) << response.body;
  EXPECT_EQ(PlainConnection(database.url()).value("SELECT count(*) FROM t"), "8");
}

/// A connection to a worker that has no connections to the database, if there is one of these.
RawClient client_of_an_asker(const DatabaseServer& server) {
  for (;;) {
    RawClient client(server.port());
    client.send(get("/worker"));
    if (client.read_response().body != "0") return client;
  }
}

void wait_for_sleep(const OwnDatabase& database) {
  PlainConnection observer(postgres().at("superuser_url"));
  const std::string sleeping =
      "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = '" + database.name() +
      "'";
  EXPECT_TRUE(eventually([&] { return observer.value(sleeping) == "1"; }));
}

TEST(FewConnections, are_not_kept_by_a_client_that_leaves_in_a_slow_statement) {
  for (const char* path : {"/slow?seconds=50", "/slow_insert?seconds=50"}) {
    const OwnDatabase database;
    PlainConnection(database.url()).query("CREATE TABLE t (id integer PRIMARY KEY)");
    DatabaseServer server(database.url(), {.connections = 1, .acquire_timeout = 8s, .statement_timeout = 60s},
                          workers);
    RawClient client = client_of_an_asker(server);
    client.send(get(path));
    wait_for_sleep(database);
    client.reset();
    for (const Response& response : ask_all_workers(server, "/pid"))
      EXPECT_EQ(response.status, 200) << response.body;
    EXPECT_TRUE(database.ends("pg_sleep"));
    EXPECT_EQ(PlainConnection(database.url()).value("SELECT count(*) FROM t"), "0");
  }
}

TEST(FewConnections, finish_what_other_workers_have_asked_for_before_they_end) {
  const OwnDatabase database;
  auto server = std::make_unique<DatabaseServer>(
      database.url(), DatabaseConfig{.connections = 1, .acquire_timeout = 8s, .statement_timeout = 9s},
      workers);
  RawClient sleeping = client_of_an_asker(*server);
  RawClient waiting = client_of_an_asker(*server);
  sleeping.send(get("/slow?seconds=1"));
  wait_for_sleep(database);
  waiting.send(get("/slow?seconds=0"));
  const std::future<void> stopped = std::async(std::launch::async, [&] { server.reset(); });
  EXPECT_EQ(sleeping.read_response().status, 200);
  EXPECT_EQ(waiting.read_response().status, 200);
}

TEST(FewConnections, are_missed_with_a_503_while_postgresql_is_away) {
  OwnPostgres postgres;
  DatabaseServer server(postgres.url(), {.connections = 1}, workers);
  for (const Response& response : ask_all_workers(server, "/pid"))
    EXPECT_EQ(response.status, 200) << response.body;
  postgres.stop();
  for (const Response& response : ask_all_workers(server, "/pid"))
    EXPECT_EQ(response.status, 503) << response.body;
  postgres.start();
  EXPECT_TRUE(server.serves_within(soon));
  for (const Response& response : ask_all_workers(server, "/pid"))
    EXPECT_EQ(response.status, 200) << response.body;
}

}  // namespace
}  // namespace chopin::test
