#include "data/postgres/migrations.hpp"

#include <atomic>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "chopin/database.hpp"
#include "harness/postgres.hpp"

namespace chopin::data::postgres {
namespace {

using namespace std::chrono_literals;
using test::OwnDatabase;
using test::PlainConnection;

Migration step(std::uint32_t version, std::string sql) {
  return {.version = version, .name = "step '" + std::to_string(version), .script = {std::move(sql), ""}};
}

Schema items() {
  return {.migrations = {step(1, "CREATE TABLE items(id int PRIMARY KEY); CREATE INDEX ON items(id)"),
                         step(2, "ALTER TABLE items ADD name text")},
          .seed = {"INSERT INTO items VALUES (1, 'one') ON CONFLICT DO NOTHING; SELECT 1", ""}};
}

/// "SQLSTATE detail".
std::string refusal(const std::string& url, const Schema& schema, std::chrono::milliseconds lock_wait = 60s) {
  try {
    migrate(url, schema, false, lock_wait);
    return {};
  } catch (const DatabaseError& error) {
    return std::string(error.sqlstate()) + " " + error.detail();
  }
}

TEST(Migrations, are_run_once_in_order_and_noted) {
  const OwnDatabase database;
  EXPECT_EQ(migrate(database.url(), items(), false), 2U);
  EXPECT_EQ(migrate(database.url(), items(), false), 0U);
  PlainConnection connection(database.url());
  EXPECT_EQ(connection.value("SELECT string_agg(version || ' ' || name, ', ' ORDER BY version) "
                             "FROM chopin_migrations WHERE applied_at <= now()"),
            "1 step '1, 2 step '2");
  EXPECT_EQ(connection.value("SELECT count(*) FROM items"), "0");
}

TEST(Migrations, go_on_from_the_version_of_the_database) {
  const OwnDatabase database;
  Schema schema = items();
  migrate(database.url(), schema, false);
  schema.migrations.push_back(step(7, "ALTER TABLE items ADD price int"));
  EXPECT_EQ(migrate(database.url(), schema, false), 1U);
  EXPECT_EQ(PlainConnection(database.url()).value("SELECT max(version) FROM chopin_migrations"), "7");
}

TEST(Migrations, are_followed_by_a_seed_that_may_be_sown_twice) {
  const OwnDatabase database;
  for (int i = 0; i < 2; ++i) migrate(database.url(), items(), true);
  EXPECT_EQ(PlainConnection(database.url()).value("SELECT string_agg(name, ',') FROM items"), "one");
}

TEST(Migrations, that_fail_leave_nothing_behind_and_are_named) {
  const OwnDatabase database;
  Schema schema = items();
  schema.migrations.push_back(
      step(3, "CREATE TABLE orders(id int); SELECT 1 / 0; CREATE TABLE more(id int)"));
  const std::string error = refusal(database.url(), schema);
  EXPECT_EQ(error.find("22012 migration 3 (step '3): ERROR:  division by zero"), 0U) << error;
  PlainConnection connection(database.url());
  EXPECT_EQ(connection.value("SELECT max(version) FROM chopin_migrations"), "2")
      << "those before it are done";
  EXPECT_EQ(connection.value("SELECT to_regclass('orders') IS NULL"), "t");
}

TEST(Migrations, whose_seed_fails_have_not_half_of_it) {
  const OwnDatabase database;
  Schema schema = items();
  schema.seed.postgres = "INSERT INTO items VALUES (1, 'one'); INSERT INTO items VALUES (1, 'two')";
  EXPECT_THROW(migrate(database.url(), schema, true), DatabaseError);
  EXPECT_EQ(PlainConnection(database.url()).value("SELECT count(*) FROM items"), "0");
}

TEST(Migrations, refuse_a_database_that_is_newer_than_the_program) {
  const OwnDatabase database;
  Schema schema = items();
  migrate(database.url(), schema, false);
  schema.migrations.pop_back();
  EXPECT_EQ(refusal(database.url(), schema),
            "55000 the database is at version 2, but this program knows versions up to 1 only");
}

TEST(Migrations, of_several_programs_at_once_are_run_once) {
  const OwnDatabase database;
  std::atomic<unsigned> count = 0;
  std::vector<std::thread> programs;
  for (int i = 0; i < 4; ++i) {
    programs.emplace_back([&] {
      try {
        count += migrate(database.url(), items(), true);
      } catch (const DatabaseError& error) {
        ADD_FAILURE() << error.detail();
      }
    });
  }
  for (std::thread& program : programs) program.join();
  EXPECT_EQ(count, 2U);
}

TEST(Migrations, wait_for_another_program_and_for_locks_of_tables_only_so_long) {
  const OwnDatabase database;
  PlainConnection other(database.url());
  other.query("BEGIN");
  other.query("SELECT pg_advisory_xact_lock(x'63686f70696e'::bigint)");
  EXPECT_EQ(refusal(database.url(), items(), 1ms).substr(0, 5), "55P03");
  other.query("COMMIT");
  migrate(database.url(), items(), false);
  other.query("BEGIN");
  other.query("SELECT * FROM items");
  Schema schema = items();
  schema.migrations.push_back(step(3, "DROP TABLE items"));
  EXPECT_EQ(refusal(database.url(), schema, 1ms).substr(0, 19), "55P03 migration 3 (");
}

TEST(Migrations, are_not_cut_by_the_timeouts_of_the_role) {
  const OwnDatabase database;
  PlainConnection(database.url()).query("ALTER DATABASE " + database.name() + " SET statement_timeout = 20");
  Schema schema = items();
  schema.migrations.push_back(step(3, "SELECT pg_sleep(0.05)"));
  EXPECT_EQ(refusal(database.url(), schema), "");
}

TEST(Migrations, work_through_a_pooler_and_by_unix_socket) {
  for (const char* fact : {"pgbouncer_url", "socket_url"}) {
    const OwnDatabase database;
    EXPECT_EQ(migrate(database.url(fact), items(), true), 2U) << fact;
  }
}

TEST(Migrations, that_cannot_connect_say_why_without_the_password) {
  std::string url = test::postgres().at("url");
  const std::size_t at = url.find('@');
  const std::size_t colon = url.rfind(':', at);
  url.replace(colon + 1, at - colon - 1, "WRONG");
  const std::string error = refusal(url, items());
  EXPECT_EQ(error.find("08001 "), 0U) << error;
  EXPECT_NE(error.find("password authentication failed for user \"chopin\""), std::string::npos) << error;
  EXPECT_EQ(error.find("WRONG"), std::string::npos) << error;
  EXPECT_EQ(error.find('\n'), std::string::npos) << error;
}

TEST(Migrations, have_ascending_versions) {
  Schema schema = items();
  schema.migrations[1].version = 1;
  EXPECT_THROW(migrate("postgres://", schema, false), std::invalid_argument);
  schema.migrations[0].version = 0;
  EXPECT_THROW(migrate("postgres://", schema, false), std::invalid_argument);
}

TEST(Migrations, do_not_connect_if_there_is_nothing_to_do) {
  EXPECT_EQ(migrate("postgres://127.0.0.1:1", Schema(), true), 0U);
}

TEST(Migrations, are_reached_by_the_url_of_the_config) {
  const OwnDatabase database;
  DatabaseConfig config;
  config.url = database.url();
  EXPECT_EQ(chopin::migrate(config, items(), true), 2U);
  EXPECT_EQ(PlainConnection(database.url()).value("SELECT count(*) FROM items"), "1");
}

}  // namespace
}  // namespace chopin::data::postgres
