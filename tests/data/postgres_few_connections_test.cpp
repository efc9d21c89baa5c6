// Fewer connections than workers: those without any ask the others.
#include <chrono>
#include <future>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "data/database_server.hpp"
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

TEST(FewConnections, are_not_kept_by_a_client_that_leaves_in_a_slow_statement) {
  const OwnDatabase database;
  DatabaseServer server(database.url(), {.connections = 1, .acquire_timeout = 8s, .statement_timeout = 9s},
                        workers);
  for (std::uint32_t i = 0; i < workers; ++i) {
    RawClient client(server.port());
    client.send(get("/slow?seconds=0.2"));
    client.reset();
  }
  for (const Response& response : ask_all_workers(server, "/pid"))
    EXPECT_EQ(response.status, 200) << response.body;
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
