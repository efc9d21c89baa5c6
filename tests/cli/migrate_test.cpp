#include "cli/migrate.hpp"

#include <stdexcept>
#include <string>

#include <gtest/gtest.h>

#include "cli/settings_error.hpp"
#include "harness/eventually.hpp"
#include "harness/postgres.hpp"
#include "harness/raw_client.hpp"
#include "harness/server_process.hpp"

namespace chopin::cli {
namespace {

Schema items() {
  return {.migrations = {{.version = 1,
                          .name = "items",
                          .script = {"CREATE TABLE items(id int PRIMARY KEY)",
                                     "CREATE TABLE items(id int PRIMARY KEY)"}}},
          .seed = {"INSERT INTO items VALUES (1) ON CONFLICT DO NOTHING",
                   "INSERT OR IGNORE INTO items VALUES (1)"}};
}

DatabaseConfig of(const std::string& url, bool at_start = false) {
  DatabaseConfig config;
  config.url = url;
  config.migrate = at_start;
  return config;
}

TEST(MigrateCommand, says_what_was_done_to_which_database) {
  const test::OwnDatabase database;
  const DatabaseConfig config = of(database.url());
  const std::string first = cli::migrate(config, items(), false);
  EXPECT_EQ(first.find("postgres://chopin@"), 0U) << first;
  EXPECT_NE(first.find("/" + database.name() + ": 1 migration was run\n"), std::string::npos) << first;
  EXPECT_NE(cli::migrate(config, items(), true).find(": it was up to date, and its tables are filled\n"),
            std::string::npos);
  EXPECT_EQ(test::PlainConnection(database.url()).value("SELECT count(*) FROM items"), "1");
}

TEST(MigrateCommand, names_the_database_and_the_error_without_the_password) {
  const std::string url = "postgres://user:SECRET@127.0.0.1:1/name";
  try {
    cli::migrate(of(url), items(), false);
    ADD_FAILURE() << "nobody listens on port 1";
  } catch (const std::runtime_error& error) {
    const std::string message = error.what();
    EXPECT_EQ(message.find("cannot migrate postgres://user@127.0.0.1:1/name: "), 0U) << message;
    EXPECT_NE(message.find("Connection refused"), std::string::npos) << message;
    EXPECT_NE(message.find("(SQLSTATE 08001)"), std::string::npos) << message;
    EXPECT_EQ(message.find("SECRET"), std::string::npos) << message;
  }
}

TEST(MigrateCommand, wants_a_database_that_lasts) {
  EXPECT_THROW(cli::migrate(of("none"), items(), false), SettingsError);
  EXPECT_THROW(cli::migrate(of("sqlite::memory:"), items(), true), SettingsError);
}

TEST(DatabaseMaker, migrates_postgresql_if_it_was_asked_to) {
  const test::OwnDatabase database;
  const auto count_of_tables = [&database] {
    return test::PlainConnection(database.url())
        .value("SELECT count(*) FROM information_schema.tables WHERE table_name = 'items'");
  };
  (void)Database::maker(of(database.url()), items());
  EXPECT_EQ(count_of_tables(), "0");
  (void)Database::maker(of(database.url(), true), items());
  EXPECT_EQ(count_of_tables(), "1");
}

TEST(DatabaseMaker, may_be_asked_to_migrate_a_database_in_memory_which_always_is) {
  (void)Database::maker(of("sqlite::memory:", true), items());
}

TEST(DatabaseMaker, names_a_database_that_cannot_be_migrated) {
  try {
    (void)Database::maker(of("postgres://user:SECRET@127.0.0.1:1/name", true), items());
    ADD_FAILURE() << "nobody listens on port 1";
  } catch (const std::runtime_error& error) {
    const std::string message = error.what();
    EXPECT_EQ(message.find("cannot migrate postgres://user@127.0.0.1:1/name: "), 0U) << message;
  }
}

TEST(MigrateProcess, ends_with_2_and_a_line_for_a_database_that_cannot_be_migrated) {
  for (const char* command : {"migrate", "seed"}) {
    const test::ProcessResult none =
        test::run_to_end({.arguments = {command}, .environment = {{"DATABASE_URL", "none"}}});
    EXPECT_EQ(none.status, 2);
    EXPECT_EQ(none.err, "chopin: DATABASE_URL is none: there is no database to migrate\n");
    EXPECT_EQ(none.out, "");
    const test::ProcessResult memory = test::run_to_end({.arguments = {command}});
    EXPECT_EQ(memory.status, 2);
    EXPECT_EQ(memory.err.find("chopin: DATABASE_URL is sqlite::memory:, which each server makes"), 0U);
  }
}

TEST(MigrateProcess, succeeds_and_can_be_run_again) {
  const test::OwnDatabase database;
  for (const char* command : {"migrate", "seed", "seed"}) {
    const test::ProcessResult result =
        test::run_to_end({.arguments = {command}, .environment = {{"DATABASE_URL", database.url()}}});
    EXPECT_EQ(result.status, 0) << result.err;
    EXPECT_EQ(result.err, "");
    EXPECT_EQ(result.out.find("postgres://chopin@"), 0U) << result.out;
  }
}

TEST(MigrateProcess, ends_with_2_and_one_line_for_a_bad_url) {
  for (const char* command : {"migrate", "doctor"}) {
    const test::ProcessResult result = test::run_to_end(
        {.arguments = {command}, .environment = {{"DATABASE_URL", "postgres://user:SECRET@host:x"}}});
    EXPECT_EQ(result.status, 2);
    EXPECT_EQ(result.out, "");
    EXPECT_EQ(result.err.find("chopin: DATABASE_URL: a port is a number in 1..65535"), 0U) << result.err;
    EXPECT_EQ(result.err.find('\n'), result.err.size() - 1);
    EXPECT_EQ(result.err.find("SECRET"), std::string::npos) << result.err;
  }
}

test::ProcessOptions serving(const std::string& url, const std::string& migrate) {
  return {.environment = {{"SERVER_PORT", "0"}, {"DATABASE_URL", url}, {"DATABASE_MIGRATE", migrate}}};
}

TEST(MigrateProcess, of_a_server_that_was_asked_to_has_the_tables_before_the_first_request) {
  const test::OwnDatabase database;
  {
    test::ServerProcess server(serving(database.url(), "false"));
    EXPECT_EQ(test::ask(server.port(), test::get("/db")).status, 500);
  }
  test::ServerProcess server(serving(database.url(), "true"));
  server.port();
  EXPECT_EQ(test::PlainConnection(database.url()).value("SELECT count(*) FROM world"), "0");
  EXPECT_TRUE(
      test::eventually([&] { return server.err().find("the database was migrated") != std::string::npos; }));
}

TEST(MigrateProcess, of_a_server_that_was_asked_to_ends_with_1_and_a_line_if_postgresql_is_away) {
  const test::ProcessResult result =
      test::run_to_end(serving("postgres://user:SECRET@127.0.0.1:1/name", "true"));
  EXPECT_EQ(result.status, 1);
  EXPECT_EQ(result.out, "");
  EXPECT_EQ(result.err.find("chopin: cannot migrate postgres://user@127.0.0.1:1/name: "), 0U) << result.err;
  EXPECT_EQ(result.err.find('\n'), result.err.size() - 1) << result.err;
  EXPECT_EQ(result.err.find("SECRET"), std::string::npos) << result.err;
}

TEST(DatabaseOfTheProcess, that_can_give_too_few_connections_is_a_warning_of_the_doctor) {
  const test::ProcessResult doctor =
      test::run_to_end({.arguments = {"doctor", "--database-connections", "5000"},
                        .environment = {{"DATABASE_URL", test::postgres().at("url")}}});
  EXPECT_EQ(doctor.status, 1);
  EXPECT_NE(doctor.out.find("warning  max_connections"), std::string::npos) << doctor.out;
}

TEST(DatabaseOfTheProcess, is_in_the_banner_and_the_doctors_rows_without_the_password) {
  const std::string url = test::postgres().at("url");
  test::ServerProcess server({.environment = {{"SERVER_PORT", "0"}, {"DATABASE_URL", url}}});
  server.port();
  EXPECT_NE(server.out().find("  database   postgres://chopin@"), std::string::npos) << server.out();
  const test::ProcessResult doctor =
      test::run_to_end({.arguments = {"doctor"}, .environment = {{"DATABASE_URL", url}}});
  EXPECT_NE(doctor.out.find("ok       PostgreSQL"), std::string::npos) << doctor.out;
  const std::size_t begin = url.find(':', url.find("//") + 2) + 1;
  const std::string password = url.substr(begin, url.find('@') - begin);
  for (const std::string& text : {server.out(), server.err(), doctor.out, doctor.err}) {
    EXPECT_EQ(text.find(password), std::string::npos) << text;
  }
}

}  // namespace
}  // namespace chopin::cli
