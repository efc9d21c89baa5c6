#include "harness/postgres.hpp"

#include <stdexcept>
#include <string>

#include <gtest/gtest.h>

namespace chopin::test {
namespace {

const std::string encrypted = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()";

/// What libpq says when it cannot connect, or nothing.
std::string refusal(const std::string& url) {
  try {
    PlainConnection connection(url);
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "";
}

std::string replaced(std::string text, std::string_view old, std::string_view fresh) {
  return text.replace(text.find(old), old.size(), fresh);
}

TEST(Postgres, accepts_a_password_by_tcp_and_by_unix_socket) {
  for (const char* fact : {"url", "socket_url", "md5_url"}) {
    PlainConnection connection(postgres().at(fact));
    EXPECT_EQ(connection.value(encrypted), "f") << fact;
  }
  EXPECT_EQ(PlainConnection(postgres().at("socket_url")).value("SELECT inet_client_addr()"), "NULL");
}

TEST(Postgres, refuses_a_wrong_password) {
  const std::string wrong = replaced(postgres().at("url"), "chopin:", "chopin:wrong");
  EXPECT_NE(refusal(wrong).find("password authentication failed"), std::string::npos) << refusal(wrong);
}

TEST(Postgres, encrypts_with_a_certificate_that_can_be_verified) {
  EXPECT_EQ(PlainConnection(postgres().at("tls_url")).value(encrypted), "t");
  const std::string plain = replaced(postgres().at("tls_url"), "verify-full", "disable");
  EXPECT_NE(refusal(plain).find("rejects connection"), std::string::npos) << refusal(plain);
}

TEST(Postgres, is_reached_through_pgbouncer) {
  PlainConnection connection(postgres().at("pgbouncer_url"));
  EXPECT_EQ(connection.value("SELECT current_user"), "chopin");
  // In transaction mode it refuses what belongs to a session.
  EXPECT_NE(refusal(postgres().at("pgbouncer_url") + "&options=-cwork_mem%3D1MB"), "");
}

TEST(Postgres, has_a_database_for_each_test_that_is_gone_after_it) {
  std::string name;
  {
    const OwnDatabase database;
    name = database.name();
    PlainConnection connection(database.url());
    connection.query("CREATE TABLE t AS SELECT 1 AS one");
    EXPECT_EQ(PlainConnection(database.url("socket_url")).value("SELECT one FROM t"), "1");
    EXPECT_EQ(PlainConnection(database.url("pgbouncer_url")).value("SELECT one FROM t"), "1");
  }
  PlainConnection server(postgres().at("url"));
  EXPECT_TRUE(server.query("SELECT 1 FROM pg_database WHERE datname = '" + name + "'").empty());
}

TEST(OwnPostgres, keeps_its_data_and_its_port_when_it_is_killed_and_started) {
  OwnPostgres server;
  PlainConnection(server.url()).query("CREATE TABLE t AS SELECT 1 AS one");
  server.kill();
  EXPECT_NE(refusal(server.url()).find("refused"), std::string::npos) << refusal(server.url());
  server.start();
  EXPECT_EQ(PlainConnection(server.url()).value("SELECT one FROM t"), "1");
}

TEST(OwnPostgres, takes_settings_for_one_start) {
  OwnPostgres server;
  server.stop();
  server.start("max_connections=5 superuser_reserved_connections=1");
  EXPECT_EQ(PlainConnection(server.url()).value("SHOW max_connections"), "5");
}

TEST(OwnPostgres, neither_serves_nor_refuses_while_it_is_paused) {
  OwnPostgres server;
  server.pause();
  const std::string late = refusal(server.url() + "&connect_timeout=2");
  EXPECT_NE(late.find("timeout expired"), std::string::npos) << late;
  server.resume();
  EXPECT_EQ(PlainConnection(server.url()).value("SELECT 1"), "1");
}

}  // namespace
}  // namespace chopin::test
