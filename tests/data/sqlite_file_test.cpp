#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <sqlite3.h>
#include <string>
#include <string_view>
#include <thread>
#include <unistd.h>

#include <gtest/gtest.h>

#include "data/database_worker.hpp"
#include "data/items.hpp"
#include "data/source_worker.hpp"
#include "data/sources.hpp"
#include "data/sqlite/connection.hpp"
#include "harness/temporary_folder.hpp"

namespace chopin {
namespace {

using namespace std::chrono_literals;
using test::DatabaseWorker;

const Statement<Row<std::int64_t, std::string_view>()> all_migrations(
    "SELECT version, name FROM chopin_migrations ORDER BY version");

class SqliteFile : public testing::Test {
 protected:
  [[nodiscard]] DatabaseConfig config() const {
    DatabaseConfig config;
    config.url = "sqlite://" + file;
    return config;
  }
  [[nodiscard]] Database::Maker maker(const Schema& schema = test::items) const {
    return Database::maker(config(), schema);
  }
  static std::int64_t count(DatabaseWorker& worker) {
    return std::get<0>(worker.run(worker.database().query(test::count_items())).front());
  }
  /// "55000 detail" of the first statement.
  [[nodiscard]] std::string fault_of_opening(const Schema& schema) const {
    DatabaseWorker worker(maker(schema));
    try {
      count(worker);
    } catch (const DatabaseError& error) {
      return std::string(error.sqlstate()) + ' ' + error.detail();
    }
    return "";
  }

  const test::TemporaryFolder folder;
  const std::string file = folder.path() + "/items.db";
};

std::size_t sqlite_threads() {
  const auto is_sqlites = [](const std::filesystem::directory_entry& task) {
    std::string name;
    std::getline(std::ifstream(task.path() / "comm"), name);
    return name.starts_with("sqlite ");
  };
  const std::filesystem::directory_iterator tasks("/proc/self/task");
  return static_cast<std::size_t>(std::count_if(begin(tasks), end(tasks), is_sqlites));
}

TEST_F(SqliteFile, costs_no_thread_and_no_file_until_it_is_used) {
  {
    DatabaseWorker worker(maker());
    EXPECT_EQ(sqlite_threads(), 0U);
    EXPECT_FALSE(std::filesystem::exists(file));
    EXPECT_EQ(count(worker), 0);
    EXPECT_EQ(sqlite_threads(), 3U);
    EXPECT_TRUE(std::filesystem::exists(file));
  }
  EXPECT_EQ(sqlite_threads(), 0U);
}

TEST_F(SqliteFile, keeps_its_rows_and_is_not_filled) {
  {
    DatabaseWorker worker(maker());
    worker.run(worker.database().query(test::insert_item("nib")));
  }
  DatabaseWorker worker(maker());
  EXPECT_EQ(count(worker), 1);
}

TEST_F(SqliteFile, is_migrated_once_to_the_last_version) {
  Schema first = test::items;
  first.migrations.pop_back();
  EXPECT_EQ(fault_of_opening(first), "");
  EXPECT_EQ(fault_of_opening(test::items), "");
  DatabaseWorker worker(maker());
  const auto rows = worker.run(worker.database().query(all_migrations()));
  ASSERT_EQ(rows.size(), 2U);
  auto row = rows.begin();
  EXPECT_EQ(*row, std::tuple(1, std::string_view("items")));
  EXPECT_EQ(*++row, std::tuple(2, std::string_view("owners")));
}

TEST_F(SqliteFile, is_refused_if_it_is_newer_than_the_schema) {
  EXPECT_EQ(fault_of_opening(test::items), "");
  Schema older = test::items;
  older.migrations.pop_back();
  EXPECT_EQ(fault_of_opening(older),
            "55000 the database is newer than the program: its tables have version 2, and the last one known "
            "here is 1");
}

TEST_F(SqliteFile, keeps_the_migrations_before_one_that_fails) {
  Schema bad = test::items;
  bad.migrations[1].script.sqlite = "CREATE TABLE owners(id); CREATE TABLE items(id)";
  EXPECT_EQ(fault_of_opening(bad), "42601 migration 2 (owners): table items already exists");
  bad.migrations[1].script.sqlite = "CREATE TABLE owners(id); COMMIT";
  EXPECT_EQ(fault_of_opening(bad), "2D000 migration 2 (owners) ends the transaction in which it is run");
  std::filesystem::remove(file);
  std::filesystem::remove(file + "-wal");
  std::filesystem::remove(file + "-shm");
  bad.migrations[1].script.sqlite = "CREATE TABLE owners(id); CREATE TABLE items(id)";
  EXPECT_NE(fault_of_opening(bad), "");
  bad.migrations.pop_back();
  DatabaseWorker worker(maker(bad));
  EXPECT_EQ(worker.run(worker.database().query(all_migrations())).size(), 1U);
}

TEST_F(SqliteFile, is_migrated_and_filled_by_a_call) {
  EXPECT_EQ(migrate(config(), test::items), 2U);
  EXPECT_EQ(migrate(config(), test::items), 0U);
  {
    DatabaseWorker worker(maker());
    EXPECT_EQ(count(worker), 0);
  }
  EXPECT_EQ(migrate(config(), test::items, true), 0U);
  DatabaseWorker worker(maker());
  EXPECT_EQ(count(worker), 2);
}

TEST_F(SqliteFile, is_served_once_it_can_be_opened) {
  DatabaseConfig missing;
  missing.url = "sqlite://" + folder.path() + "/missing/items.db";
  DatabaseWorker worker(Database::maker(missing, test::items));
  const auto sqlstate = [&] { return worker.sqlstate_of(worker.database().query(test::count_items())); };
  EXPECT_EQ(sqlstate(), "08001");
  try {
    count(worker);
    FAIL();
  } catch (const DatabaseError& error) {
    EXPECT_STREQ(error.what(), "the database cannot be reached: 0 connections, 0 of them busy, 1 waiting");
  }
  std::filesystem::create_directory(folder.path() + "/missing");
  while (sqlstate() == "08001") {
  }
  EXPECT_EQ(sqlstate(), "");
}

TEST_F(SqliteFile, is_refused_if_it_is_no_database) {
  folder.write("items.db", std::string(4096, 'x'));
  EXPECT_TRUE(fault_of_opening(test::items).ends_with("file is not a database"));
}

TEST_F(SqliteFile, is_opened_with_descriptors_that_are_closed_on_exec) {
  DatabaseWorker worker(maker());
  EXPECT_EQ(count(worker), 0);
  int found = 0;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    std::error_code ignored;
    if (!std::filesystem::read_symlink(entry, ignored).string().starts_with(folder.path())) continue;
    ++found;
    EXPECT_TRUE((fcntl(std::stoi(entry.path().filename()), F_GETFD) & FD_CLOEXEC) != 0) << entry.path();
  }
  EXPECT_GE(found, 3);
}

TEST_F(SqliteFile, is_synchronised_at_every_commit_and_checks_foreign_keys) {
  const Statement<Row<std::int32_t>()> synchronous("PRAGMA synchronous");
  const Statement<Row<std::int32_t>()> foreign_keys("PRAGMA foreign_keys");
  const Statement<Row<std::string_view>()> journal_mode("PRAGMA journal_mode");
  DatabaseWorker worker(maker());
  worker.run(worker.database().transaction([&](Transaction& transaction) -> Task<> {
    EXPECT_EQ(std::get<0>((co_await transaction.query(synchronous())).front()), 2);  // FULL
    EXPECT_EQ(std::get<0>((co_await transaction.query(foreign_keys())).front()), 1);
    const auto mode = co_await transaction.query(journal_mode());
    EXPECT_EQ(std::get<0>(mode.front()), "wal");
  }));
}

/// Whether the worker itself runs a bounded statement that the database's threads have run before.
bool is_read_by_workers(const std::string& file) {
  const auto source = data::sqlite::make_source(file, {}, test::items);
  test::SourceWorker worker(*source);
  test::StartedBatch first(test::find_item(1));
  EXPECT_EQ(worker.run(first), "");
  test::StartedBatch second(test::find_item(1));
  return worker.backend().run_now(second);
}

TEST_F(SqliteFile, is_never_read_by_a_worker_because_a_page_may_have_to_come_from_the_disk) {
  EXPECT_FALSE(is_read_by_workers(file));
  EXPECT_TRUE(is_read_by_workers(""));  // one in memory is
}

TEST_F(SqliteFile, is_mapped_into_memory_only_if_it_is_in_a_memory_file_system) {
  using data::sqlite::Connection;
  const std::atomic<bool> is_ending = false;
  for (const bool is_in_memory : {false, true}) {
    const Connection::Place place{.file = file, .is_temporary = true, .is_in_memory = is_in_memory};
    Connection connection(place, Connection::Use::write, is_ending);
    EXPECT_EQ(connection.number("PRAGMA mmap_size") > 0, is_in_memory);
    EXPECT_EQ(connection.number("PRAGMA synchronous"), 0);
  }
}

/// Another program that has the file open.
class OtherConnection {
 public:
  explicit OtherConnection(const std::string& file) { sqlite3_open(file.c_str(), &database_); }
  ~OtherConnection() { sqlite3_close(database_); }
  OtherConnection(const OtherConnection&) = delete;
  OtherConnection& operator=(const OtherConnection&) = delete;
  void execute(const char* sql) {
    EXPECT_EQ(sqlite3_exec(database_, sql, nullptr, nullptr, nullptr), SQLITE_OK);
  }

 private:
  sqlite3* database_ = nullptr;
};

TEST_F(SqliteFile, waits_for_another_writer_within_the_statement_timeout) {
  DatabaseConfig hasty = config();
  hasty.statement_timeout = 50ms;
  migrate(config(), test::items);
  DatabaseWorker worker(Database::maker(hasty, test::items));
  EXPECT_EQ(count(worker), 0);
  OtherConnection other(file);
  other.execute("BEGIN IMMEDIATE");
  EXPECT_EQ(worker.sqlstate_of(worker.database().query(test::insert_item("nib"))), "53300");
  EXPECT_EQ(worker.sqlstate_of(worker.database().transaction([](Transaction& transaction) -> Task<> {
    co_await transaction.query(test::insert_item("nib"));
  })),
            "40001");
  EXPECT_EQ(count(worker), 0);
  other.execute("COMMIT");
  EXPECT_EQ(worker.sqlstate_of(worker.database().query(test::insert_item("nib"))), "");
}

/// Two workers read while a third one writes.
void expect_reads_beside_writes(const Database::Maker& maker, std::int64_t before) {
  std::atomic<bool> has_ended = false;
  const auto read = [&] {
    DatabaseWorker worker(maker);
    std::int64_t last = 0;
    while (!has_ended) {
      EXPECT_LE(worker.run(worker.database().query(test::find_item(1))).size(), 1U);
      const auto rows = worker.run(worker.database().query(test::count_items()));
      EXPECT_GE(std::get<0>(rows.front()), last);
      last = std::get<0>(rows.front());
    }
    EXPECT_EQ(last <= before + 200, true);
  };
  std::thread first(read);
  std::thread second(read);
  {
    DatabaseWorker worker(maker);
    for (int i = 0; i < 200; ++i) {
      worker.run(worker.database().query(test::insert_item("item " + std::to_string(i))));
      const auto rows = worker.run(worker.database().query(test::count_items()));
      EXPECT_EQ(std::get<0>(rows.front()), before + i + 1);
    }
    has_ended = true;
  }
  first.join();
  second.join();
}

TEST_F(SqliteFile, is_read_by_two_workers_while_a_third_one_writes) {
  expect_reads_beside_writes(maker(), 0);
}

TEST(SqliteInMemoryOfAll, is_read_by_two_workers_while_a_third_one_writes) {
  expect_reads_beside_writes(Database::maker({}, test::items), 2);
}

}  // namespace
}  // namespace chopin
