#include <stdexcept>

#include <gtest/gtest.h>

#include "chopin/config.hpp"
#include "doctor/healthy_machine.hpp"

namespace chopin::doctor {
namespace {

TEST(DatabaseRow, names_the_database_without_its_password) {
  HealthyMachine machine;
  expect(machine.row("database"), Verdict::ok, "postgres://user@host/name");
  machine.facts.database = {.shown = "sqlite::memory:"};
  expect(machine.row("database"), Verdict::ok, "sqlite::memory:");
  machine.facts.database.shown = "none";
  expect(machine.row("database"), Verdict::note, "none");
}

TEST(DatabaseRow, warns_of_a_server_that_cannot_be_reached) {
  HealthyMachine machine;
  machine.facts.database.server.reset();
  machine.facts.database.fault = "connection refused";
  machine.facts.database.shown = "postgres://user@host/it's";
  expect_warning(machine.row("database"), "postgres://user@host/it's: connection refused",
                 "pg_isready -d 'postgres://user@host/it'\\''s'");
}

TEST(PostgresRow, names_the_versions) {
  expect(HealthyMachine().row("PostgreSQL"), Verdict::ok, "15.18, libpq 15.18");
}

TEST(MaxConnectionsRow, must_leave_room_for_two_connections_of_each_worker) {
  HealthyMachine machine;
  expect(machine.row("max_connections"), Verdict::ok, "100, 3 reserved, 5 in use");
  machine.facts.workers = 46;
  expect(machine.row("max_connections"), Verdict::ok, "100, 3 reserved, 5 in use");
  machine.facts.workers = 47;
  expect_warning(machine.row("max_connections"), "100, 3 reserved, 5 in use",
                 "chopin --database-connections 92");
}

TEST(MaxConnectionsRow, must_leave_room_for_the_connections_of_the_settings) {
  HealthyMachine machine;
  machine.facts.config.database.connections = 92;
  EXPECT_EQ(machine.row("max_connections").verdict, Verdict::ok);
  machine.facts.config.database.connections = 93;
  EXPECT_EQ(machine.row("max_connections").verdict, Verdict::warning);
  machine.facts.database.server->in_use = 97;
  EXPECT_EQ(machine.row("max_connections").command, "chopin --database-connections 1");
}

TEST(MaxConnectionsRow, knows_the_limit_of_the_role_or_the_database) {
  HealthyMachine machine;
  machine.facts.database.server->limit = 8;
  expect_warning(machine.row("max_connections"), "100, 3 reserved, 5 in use, 8 for this role or database",
                 "chopin --database-connections 3");
}

TEST(MaxConnectionsRow, leaves_it_to_a_pooler) {
  HealthyMachine machine;
  machine.facts.config.database.connections = 1000;
  machine.facts.config.database.pipeline = 1;
  machine.facts.database.server->is_behind_pooler = true;
  expect(machine.row("max_connections"), Verdict::ok, "100, 3 reserved, 5 in use; the pooler decides");
}

TEST(PoolerRow, must_go_with_one_request_in_flight_and_only_with_a_pooler) {
  HealthyMachine machine;
  expect(machine.row("pooler"), Verdict::ok, "none, 8 in flight on a connection");
  machine.facts.config.database.pipeline = 1;
  expect(machine.row("pooler"), Verdict::note, "none, 1 in flight on a connection");
  machine.facts.database.server->is_behind_pooler = true;
  expect(machine.row("pooler"), Verdict::ok, "there is one, 1 in flight on a connection");
  machine.facts.config.database.pipeline = 8;
  expect_warning(machine.row("pooler"), "there is one, 8 in flight on a connection",
                 "chopin --database-pipeline 1");
}

TEST(DatabaseRows, of_the_server_are_missing_if_there_is_none) {
  HealthyMachine machine;
  machine.facts.database.server.reset();
  for (const char* row : {"PostgreSQL", "max_connections", "pooler"}) {
    EXPECT_THROW(static_cast<void>(machine.row(row)), std::runtime_error) << row;
  }
}

}  // namespace
}  // namespace chopin::doctor
