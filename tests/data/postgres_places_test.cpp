// By TCP, by unix socket, with TLS, and through pgbouncer.
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

/// Asks so often on several connections at once, and returns the bodies. All must be served.
std::multiset<std::string> ask_at_once(const DatabaseServer& server, const std::string& path, int times) {
  std::vector<std::future<std::multiset<std::string>>> clients;
  for (int i = 0; i < 8; ++i) {
    clients.push_back(std::async(std::launch::async, [&] {
      std::multiset<std::string> bodies;
      RawClient client(server.port());
      for (int request = 0; request < times; ++request) {
        client.send(get(path));
        const Response response = client.read_response();
        EXPECT_EQ(response.status, 200) << response.body;
        bodies.insert(response.body);
      }
      return bodies;
    }));
  }
  std::multiset<std::string> all;
  for (auto& client : clients) all.merge(client.get());
  return all;
}

class PostgresPlaces : public testing::TestWithParam<const char*> {};

TEST_P(PostgresPlaces, serve_all_the_same) {
  const OwnDatabase database;
  PlainConnection(database.url()).query("CREATE TABLE t (id integer); GRANT ALL ON t TO chopin_md5");
  const bool is_pooled = GetParam() == std::string("pgbouncer_url");
  DatabaseServer server(database.url(GetParam()), {.connections = 4, .pipeline = is_pooled ? 1U : 8U}, 2);
  const std::multiset<std::string> processes = ask_at_once(server, "/pid", 100);
  EXPECT_EQ(processes.size(), 800U);
  if (!is_pooled) {
    EXPECT_LE(std::set(processes.begin(), processes.end()).size(), 4U);
  }
  ask_at_once(server, "/insert?id=1", 10);
  EXPECT_EQ(PlainConnection(database.url()).value("SELECT count(*) FROM t"), "80");
}

TEST_P(PostgresPlaces, carry_values_that_no_socket_takes_at_once) {
  const bool is_pooled = GetParam() == std::string("pgbouncer_url");
  DatabaseServer server(postgres().at(GetParam()), {.connections = 2, .pipeline = is_pooled ? 1U : 8U});
  for (const char* bytes : {"0", "65530", "70000", "20000000"}) {
    EXPECT_EQ(server.ask(std::string("/same?bytes=") + bytes).body, "same") << bytes;
  }
  for (const std::string& body : ask_at_once(server, "/same?bytes=1000000", 3)) EXPECT_EQ(body, "same");
}

INSTANTIATE_TEST_SUITE_P(By, PostgresPlaces,
                         testing::Values("url", "socket_url", "tls_url", "md5_url", "pgbouncer_url"),
                         [](const auto& each) { return std::string(each.param); });

TEST(PostgresTls, is_refused_without_the_certificate_that_signed_the_servers) {
  std::string url = postgres().at("tls_url");
  url.erase(url.find("&sslrootcert"));
  DatabaseServer server(url + "&sslrootcert=%2Fnone");
  EXPECT_EQ(server.ask("/pid").status, 503);
  EXPECT_TRUE(server.logs("root certificate file"));
}

class Pgbouncer : public testing::Test {
 protected:
  Pgbouncer() { PlainConnection(database.url()).query("CREATE TABLE t (id integer)"); }

  const OwnDatabase database;
  const DatabaseConfig one_at_a_time{.connections = 6, .pipeline = 1};
};

TEST_F(Pgbouncer, that_gives_a_connection_to_others_leaves_no_settings_or_statements_on_it) {
  DatabaseServer server(database.url("pgbouncer_url"), one_at_a_time);
  ask_at_once(server, "/pid", 20);
  PlainConnection other(database.url("pgbouncer_url"));
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(other.value("SELECT count(*) FROM pg_prepared_statements"), "0");
    EXPECT_EQ(other.value("SHOW statement_timeout"), "0");
  }
}

TEST_F(Pgbouncer, whose_connections_are_terminated_behind_it_serves_again) {
  DatabaseServer server(database.url("pgbouncer_url"), one_at_a_time, 2);
  ask_at_once(server, "/pid", 20);
  PlainConnection(postgres().at("superuser_url"))
      .query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '" + database.name() +
             "'");
  EXPECT_TRUE(server.serves_within(soon));
  EXPECT_TRUE(server.serves_within(soon));
}

TEST_F(Pgbouncer, does_not_keep_a_slow_statement_beyond_its_timeout) {
  DatabaseConfig settings = one_at_a_time;
  settings.statement_timeout = 1s;
  DatabaseServer server(database.url("pgbouncer_url"), settings);
  EXPECT_EQ(server.ask("/sleep?seconds=600").status, 504);
  EXPECT_TRUE(server.serves_within(soon));
  EXPECT_TRUE(database.ends("pg_sleep"));
}

}  // namespace
}  // namespace chopin::test
