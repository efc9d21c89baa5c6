#include "data/postgres/server_facts.hpp"

#include <string>

#include <gtest/gtest.h>

#include "chopin/database_error.hpp"
#include "harness/postgres.hpp"

namespace chopin::data::postgres {
namespace {

using test::OwnDatabase;
using test::PlainConnection;

TEST(ServerFacts, are_those_of_the_server) {
  const ServerFacts facts = read_server_facts(test::postgres().at("url"));
  PlainConnection connection(test::postgres().at("url"));
  EXPECT_EQ(std::to_string(facts.max_connections), connection.value("SHOW max_connections"));
  EXPECT_EQ(std::to_string(facts.reserved), connection.value("SHOW superuser_reserved_connections"));
  EXPECT_EQ(connection.value("SHOW server_version").find(facts.version), 0U) << facts.version;
  EXPECT_EQ(facts.available(), facts.max_connections - facts.reserved);
  EXPECT_FALSE(facts.is_behind_pooler);
}

TEST(ServerFacts, count_who_is_connected_already) {
  const PlainConnection one(test::postgres().at("url"));
  const PlainConnection two(test::postgres().at("url"));
  EXPECT_GE(read_server_facts(test::postgres().at("url")).in_use, 2U);
}

TEST(ServerFacts, tell_a_pooler) {
  EXPECT_TRUE(read_server_facts(test::postgres().at("pgbouncer_url")).is_behind_pooler);
}

TEST(ServerFacts, have_the_limit_of_the_database) {
  const OwnDatabase database;
  PlainConnection(database.url()).query("ALTER DATABASE " + database.name() + " CONNECTION LIMIT 7");
  const ServerFacts facts = read_server_facts(database.url());
  EXPECT_EQ(facts.limit, 7U);
  EXPECT_EQ(facts.available(), 7U);
  EXPECT_EQ(fault_of_connections(facts, 7), "");
  EXPECT_EQ(fault_of_connections(facts, 8), "the role or the database may have 7 connections: 8 are more");
}

TEST(ServerFacts, say_why_there_cannot_be_as_many_connections) {
  const ServerFacts facts{.version = "15.18", .max_connections = 20, .reserved = 3};
  EXPECT_EQ(fault_of_connections(facts, 17), "");
  EXPECT_EQ(
      fault_of_connections(facts, 18),
      "the server has max_connections=20, 3 of them reserved: 18 connections are more than the 17 it can "
      "give");
  ServerFacts pooled = facts;
  pooled.is_behind_pooler = true;
  EXPECT_EQ(fault_of_connections(pooled, 100), "");
}

TEST(ServerFacts, cannot_be_had_of_a_server_that_does_not_run) {
  try {
    read_server_facts("postgres://127.0.0.1:1/name");
    ADD_FAILURE() << "it does";
  } catch (const DatabaseError& error) {
    EXPECT_EQ(error.sqlstate(), "08001");
  }
}

}  // namespace
}  // namespace chopin::data::postgres
