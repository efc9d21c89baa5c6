// The program itself, told by its environment where PostgreSQL is.
#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>

#include <gtest/gtest.h>

#include "app/schema.hpp"
#include "data/database_server.hpp"
#include "data/no_postgres.hpp"
#include "harness/eventually.hpp"
#include "harness/postgres.hpp"
#include "harness/raw_client.hpp"
#include "harness/server_process.hpp"
#include "harness/temporary_folder.hpp"

namespace chopin::test {
namespace {

using namespace std::chrono_literals;

ProcessOptions with_database(const std::string& url) {
  return {.arguments = {"--port", "0", "--workers", "2", "--mode", "performance"},
          .environment = {{"DATABASE_URL", url}, {"ENVIRONMENT", "production"}}};
}

/// A few rows instead of 10,000 and 100,000, which take a second.
void fill(const std::string& url) {
  PlainConnection connection(url);
  connection.query(app::schema().migrations.front().script.postgres);
  connection.query("INSERT INTO world SELECT id, 1 FROM generate_series(1, 10000) AS numbers(id)");
  connection.query("INSERT INTO fortune VALUES (1, '<b>')");
  connection.query(
      "INSERT INTO items SELECT id, 'name', 'office', 20, 1, true, '[\"new\"]', 3, 4 "
      "FROM generate_series(1, 60) AS numbers(id)");
}

std::string ids_in(const std::string& body) {
  std::size_t count = 0;
  for (std::size_t at = 0; (at = body.find("\"id\":", at)) != std::string::npos; ++at) ++count;
  return std::to_string(count) + " rows";
}

void expect_all_routes_to_work(std::uint16_t port) {
  EXPECT_EQ(ids_in(ask(port, get("/db")).body), "1 rows");
  EXPECT_EQ(ids_in(ask(port, get("/queries?queries=20")).body), "20 rows");
  EXPECT_EQ(ids_in(ask(port, get("/updates?queries=20")).body), "20 rows");
  EXPECT_EQ(ids_in(ask(port, get("/async-db?min=10&max=50&limit=50")).body), "50 rows");
  EXPECT_NE(ask(port, get("/fortunes")).body.find("&lt;b&gt;"), std::string::npos);
}

/// So that each worker has its turn.
bool serves_ten_times(std::uint16_t port, const std::string& path) {
  for (int i = 0; i < 10; ++i) {
    if (ask(port, get(path)).status != 200) return false;
  }
  return true;
}

class ProgramOnPostgres : public testing::TestWithParam<const char*> {};

TEST_P(ProgramOnPostgres, serves_the_routes_of_the_benchmarks) {
  const OwnDatabase database;
  fill(database.url());
  PlainConnection(database.url()).query("GRANT ALL ON world, fortune, items TO chopin_tls, chopin_md5");
  ProcessOptions options = with_database(database.url(GetParam()));
  if (GetParam() == std::string("pgbouncer_url")) {
    options.arguments.insert(options.arguments.end(), {"--database-pipeline", "1"});
  }
  ServerProcess server(options);
  expect_all_routes_to_work(server.port());
  server.signal(SIGTERM);
  EXPECT_EQ(server.wait(), 0) << server.err();
}

INSTANTIATE_TEST_SUITE_P(By, ProgramOnPostgres,
                         testing::Values("url", "socket_url", "tls_url", "md5_url", "pgbouncer_url"),
                         [](const auto& each) { return std::string(each.param); });

/// For a line of a password file.
std::string escaped(const std::string& password) {
  std::string result;
  for (const char each : password) {
    if (each == ':' || each == '\\') result += '\\';
    result += each;
  }
  return result;
}

TEST(ProgramOnPostgres, takes_the_password_from_a_file_and_the_first_host_that_responds) {
  const OwnDatabase database;
  fill(database.url());
  const std::string& port = postgres().at("port");
  const TemporaryFolder folder;
  folder.write("passwords", "127.0.0.1:" + port + ":*:chopin:" + escaped(postgres().at("password")) + "\n");
  std::filesystem::permissions(folder.path() + "/passwords", std::filesystem::perms::owner_read);
  ProcessOptions options = with_database("postgres://chopin@127.0.0.1:1,127.0.0.1:" + port + "/" +
                                         database.name() + "?sslmode=disable");
  options.environment["PGPASSFILE"] = folder.path() + "/passwords";
  ServerProcess server(options);
  expect_all_routes_to_work(server.port());
}

TEST(ProgramOnPostgres, sends_a_sync_for_each_query_or_for_each_request_as_the_route_says) {
  const OwnDatabase database;
  fill(database.url());
  PlainConnection other(postgres().at("superuser_url"));
  const std::string sessions =
      "SELECT count(*) FROM pg_stat_activity WHERE datname = '" + database.name() + "'";
  // What sessions have done is reported when they end.
  const auto commits_of = [&](const std::string& path, int times) {
    const auto commits = [&] {
      return std::stoi(
          other.value("SELECT xact_commit FROM pg_stat_database WHERE datname = '" + database.name() + "'"));
    };
    EXPECT_TRUE(eventually([&] { return other.value(sessions) == "0"; }));
    const int before = commits();
    ServerProcess server(with_database(database.url()));
    for (int i = 0; i < times; ++i) EXPECT_EQ(ask(server.port(), get(path)).status, 200);
    server.signal(SIGTERM);
    EXPECT_EQ(server.wait(), 0) << server.err();
    EXPECT_TRUE(eventually([&] { return other.value(sessions) == "0"; }));
    return commits() - before;
  };
  // For connecting and preparing: few, and the same in all.
  constexpr int most_else = 20;
  const int each = commits_of("/queries?queries=20", 10);
  EXPECT_GE(each, 200);
  EXPECT_LE(each, 200 + most_else);
  const int together = commits_of("/queries/together?queries=20", 30);
  EXPECT_GE(together, 30);
  EXPECT_LE(together, 30 + most_else);
}

TEST(ProgramWithoutPostgres, says_so_while_its_connections_are_accepted_and_nothing_is_said) {
  for (const char* connections : {"4", "1"}) {  // with one, the second worker asks the first
    const NoPostgres silent(NoPostgres::Then::hold);
    ProcessOptions options = with_database(silent.url());
    options.arguments.insert(options.arguments.end(), {"--database-connections", connections});
    ServerProcess server(options);
    for (int i = 0; i < 4; ++i) {
      const Response empty = ask(server.port(), get("/async-db?min=10&max=50&limit=50"));
      EXPECT_EQ(empty.status, 200) << empty.body;
      EXPECT_EQ(empty.body, R"({"items":[],"count":0})");
    }
    const Response response = ask(server.port(), get("/db"));
    EXPECT_EQ(response.status, 503);
    EXPECT_EQ(response.field("Retry-After"), "1");
    EXPECT_NE(response.body.find("cannot be reached: 0 of "), std::string::npos) << response.body;
  }
}

TEST(ProgramWithoutPostgres, says_so_on_the_routes_that_need_it_and_serves_the_others) {
  OwnPostgres postgres;
  fill(postgres.url());
  postgres.stop();
  ProcessOptions options = with_database(postgres.url());
  options.arguments[3] = "1";  // each worker finds out by itself that PostgreSQL has returned
  ServerProcess server(options);
  const std::uint16_t port = server.port();
  for (const char* path : {"/db", "/queries?queries=20", "/updates", "/fortunes"}) {
    const Response response = ask(port, get(path));
    EXPECT_EQ(response.status, 503) << path;
    EXPECT_EQ(response.field("Retry-After"), "1") << path;
    EXPECT_NE(response.body.find("0 of 2 connections open"), std::string::npos) << response.body;
  }
  const Response empty = ask(port, get("/async-db?min=10&max=50&limit=50"));
  EXPECT_EQ(empty.status, 200);
  EXPECT_EQ(empty.body, R"({"items":[],"count":0})");
  EXPECT_EQ(ask(port, get("/plaintext")).body, "Hello, World!");
  EXPECT_EQ(ask(port, get("/")).status, 200);
  postgres.start();
  const auto accepts = std::chrono::steady_clock::now();
  EXPECT_TRUE(eventually([&] { return serves_ten_times(port, "/db"); }));
  EXPECT_LT(std::chrono::steady_clock::now() - accepts, soon);
  expect_all_routes_to_work(port);
  server.signal(SIGTERM);
  EXPECT_EQ(server.wait(), 0) << server.err();
  const std::string secret = test::postgres().at("password").substr(0, 32);
  EXPECT_EQ((server.out() + server.err()).find(secret), std::string::npos) << "the password is in the log";
}

}  // namespace
}  // namespace chopin::test
