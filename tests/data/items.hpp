#pragma once

#include <cstdint>
#include <string_view>

#include "chopin/schema.hpp"
#include "chopin/statement.hpp"

/// Tables and statements of the tests of SQLite.
namespace chopin::test {

inline const Schema items{
    .migrations = {{1,
                    "items",
                    {.postgres = "",
                     .sqlite = "CREATE TABLE items(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, "
                               "count INTEGER NOT NULL DEFAULT 0 CHECK (count >= 0))"}},
                   {2,
                    "owners",
                    {.postgres = "",
                     .sqlite = "CREATE TABLE owners(id INTEGER PRIMARY KEY); ALTER TABLE items ADD COLUMN "
                               "owner INTEGER REFERENCES owners(id) DEFERRABLE INITIALLY DEFERRED"}}},
    .seed = {.postgres = "", .sqlite = "INSERT INTO items(id, name) VALUES (1, 'pen'), (2, 'ink')"}};

inline const Statement<Row<std::int32_t, std::string_view>(std::int32_t)> find_item(
    "SELECT id, name FROM items WHERE id = $1", {.bounded = true});
inline const Statement<Row<std::int64_t>()> count_items("SELECT count(*) FROM items");
inline const Statement<Row<>(std::string_view)> insert_item("INSERT INTO items(name) VALUES ($1)");
inline const Statement<Row<>(std::string_view, std::int32_t)> insert_owned(
    "INSERT INTO items(name, owner) VALUES ($1, $2)");
/// Runs for ever.
inline const Statement<Row<std::int64_t>()> endless_read(
    "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n");
inline const Statement<Row<>()> endless_write(
    "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) "
    "INSERT INTO owners(id) SELECT count(*) FROM n");

}  // namespace chopin::test
