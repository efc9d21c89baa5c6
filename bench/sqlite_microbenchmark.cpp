// What SQLite itself takes for the statement of /db: the share of it in the route's CPU time.
#include <memory>
#include <random>
#include <sqlite3.h>
#include <string>

#include <benchmark/benchmark.h>

#include "data/sqlite/memory_folder.hpp"

namespace {

struct Close {
  void operator()(sqlite3* database) const noexcept { sqlite3_close(database); }
  void operator()(sqlite3_stmt* statement) const noexcept { sqlite3_finalize(statement); }
};

/// Where and how the server keeps its database in memory.
class Worlds {
 public:
  static constexpr int count = 10'000;

  Worlds() {
    sqlite3* opened = nullptr;
    sqlite3_open((folder_.path() + "/worlds.db").c_str(), &opened);
    database_.reset(opened);
    sqlite3_exec(opened,
                 "PRAGMA journal_mode=WAL;"
                 "CREATE TABLE world (id INTEGER PRIMARY KEY, randomnumber INTEGER NOT NULL);"
                 "WITH RECURSIVE ids(id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM ids WHERE id < 10000)"
                 " INSERT INTO world SELECT id, id FROM ids",
                 nullptr, nullptr, nullptr);
  }
  Worlds(const Worlds&) = delete;
  Worlds& operator=(const Worlds&) = delete;

  [[nodiscard]] std::unique_ptr<sqlite3_stmt, Close> prepare(const char* sql) const {
    sqlite3_stmt* statement = nullptr;
    sqlite3_prepare_v2(database_.get(), sql, -1, &statement, nullptr);
    return std::unique_ptr<sqlite3_stmt, Close>(statement);
  }

 private:
  const chopin::data::sqlite::MemoryFolder folder_{chopin::data::sqlite::MemoryFolder::usual_candidates()};
  std::unique_ptr<sqlite3, Close> database_;
};

void find_world_in_sqlite(benchmark::State& state) {
  const Worlds worlds;
  const auto find = worlds.prepare("SELECT id, randomnumber FROM world WHERE id = $1");
  std::minstd_rand random;
  for (auto _ : state) {
    const int id = static_cast<int>(random() % Worlds::count) + 1;
    sqlite3_bind_int(find.get(), 1, id);
    if (sqlite3_step(find.get()) != SQLITE_ROW) return state.SkipWithError("the row is missing");
    benchmark::DoNotOptimize(sqlite3_column_int(find.get(), 1));
    sqlite3_reset(find.get());
  }
}
BENCHMARK(find_world_in_sqlite);

}  // namespace
