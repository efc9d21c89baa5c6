#include "app/schema.hpp"

#include <memory>
#include <sqlite3.h>
#include <string>

#include <gtest/gtest.h>

namespace chopin::app {
namespace {

/// An SQLite database in memory, with the tables and their rows.
class Filled {
 public:
  Filled() {
    sqlite3* opened = nullptr;
    EXPECT_EQ(sqlite3_open(":memory:", &opened), SQLITE_OK);
    database_.reset(opened);
    const Schema given = schema();
    for (const Migration& migration : given.migrations) run(migration.script.sqlite);
    run(given.seed.sqlite);
  }

  void run(const std::string& sql) {
    EXPECT_EQ(sqlite3_exec(database_.get(), sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK)
        << sqlite3_errmsg(database_.get());
  }
  /// The rows' values with spaces between them.
  std::string query(const std::string& sql) {
    std::string values;
    const auto append = [](void* to, int columns, char** texts, char** /*names*/) {
      for (int column = 0; column < columns; ++column) {
        *static_cast<std::string*>(to) +=
            std::string(texts[column] == nullptr ? "null" : texts[column]) + " ";
      }
      return 0;
    };
    EXPECT_EQ(sqlite3_exec(database_.get(), sql.c_str(), append, &values, nullptr), SQLITE_OK)
        << sqlite3_errmsg(database_.get());
    return values;
  }

 private:
  struct Close {
    void operator()(sqlite3* database) const noexcept { sqlite3_close(database); }
  };
  std::unique_ptr<sqlite3, Close> database_;
};

TEST(Schema, fills_the_tables_with_as_many_rows_as_the_benchmarks_want) {
  Filled filled;
  for (const std::string table : {"world", "cachedworld"}) {
    EXPECT_EQ(filled.query("SELECT count(*), min(id), max(id), min(randomnumber), max(randomnumber), "
                           "count(DISTINCT randomnumber) FROM " +
                           table),
              "10000 1 10000 1 10000 10000 ");
  }
  EXPECT_EQ(filled.query("SELECT count(*), min(id), max(id) FROM fortune"), "12 1 12 ");
  EXPECT_EQ(filled.query("SELECT count(*), min(id), max(id), min(price), max(price) FROM items"),
            "100000 1 100000 1 500 ");
}

TEST(Schema, spreads_prices_and_categories_evenly) {
  Filled filled;
  EXPECT_EQ(filled.query("SELECT DISTINCT n FROM (SELECT count(*) AS n FROM items GROUP BY price)"), "200 ");
  EXPECT_EQ(filled.query("SELECT DISTINCT n FROM (SELECT count(*) AS n FROM items GROUP BY category)"),
            "12500 ");
  EXPECT_EQ(filled.query("SELECT DISTINCT json_valid(tags) FROM items"), "1 ");
}

TEST(Schema, changes_nothing_that_is_there_already) {
  Filled filled;
  filled.run("DELETE FROM items WHERE id > 1; UPDATE world SET randomnumber = 7; DELETE FROM fortune");
  const Schema again = schema();
  filled.run(again.migrations.front().script.sqlite + again.seed.sqlite);
  EXPECT_EQ(filled.query("SELECT count(*) FROM items"), "1 ");
  EXPECT_EQ(filled.query("SELECT DISTINCT randomnumber FROM world"), "7 ");
  EXPECT_EQ(filled.query("SELECT count(*) FROM fortune"), "12 ");
}

TEST(Schema, has_an_index_for_prices_and_for_the_pages_of_a_category) {
  Filled filled;
  EXPECT_NE(filled.query("EXPLAIN QUERY PLAN SELECT * FROM items WHERE price BETWEEN 1 AND 2 LIMIT 3")
                .find("items_by_price (price>? AND price<?)"),
            std::string::npos);
  const std::string page = filled.query(
      "EXPLAIN QUERY PLAN SELECT * FROM items WHERE category = 'a' ORDER BY id LIMIT 3 OFFSET 4");
  EXPECT_NE(page.find("items_by_category (category=?)"), std::string::npos) << page;
  EXPECT_EQ(page.find("TEMP B-TREE"), std::string::npos) << page;
}

}  // namespace
}  // namespace chopin::app
