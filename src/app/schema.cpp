#include "app/schema.hpp"

#include <string>
#include <string_view>

#include <fmt/core.h>

namespace chopin::app {
namespace {

/// What the two databases spell differently.
struct Dialect {
  std::string_view json;       ///< a column of JSON
  std::string_view json_cast;  ///< before a text in parentheses
  std::string_view new_id;     ///< the type of a key that the database gives, never twice the same
  std::string_view numbers;    ///< a table `numbers` with the column `id`, from 1 to {}
};

constexpr Dialect postgres{"jsonb", "jsonb", "bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
                           "generate_series(1, {}) AS numbers(id)"};
constexpr Dialect sqlite{
    "text", "", "integer PRIMARY KEY AUTOINCREMENT",
    "(WITH RECURSIVE numbers(id) AS "
    "(VALUES (1) UNION ALL SELECT id + 1 FROM numbers WHERE id < {}) SELECT id FROM numbers)"};

std::string tables(const Dialect& dialect) {
  return fmt::format(R"(
CREATE TABLE IF NOT EXISTS world (id integer PRIMARY KEY, randomnumber integer NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS cachedworld (id integer PRIMARY KEY, randomnumber integer NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS fortune (id integer PRIMARY KEY, message text NOT NULL);
CREATE TABLE IF NOT EXISTS items (
  id integer PRIMARY KEY, name text NOT NULL, category text NOT NULL, price integer NOT NULL,
  quantity integer NOT NULL, active boolean NOT NULL, tags {} NOT NULL,
  rating_score integer NOT NULL, rating_count integer NOT NULL);
CREATE INDEX IF NOT EXISTS items_by_price ON items (price);
CREATE INDEX IF NOT EXISTS items_by_category ON items (category, id);
)",
                     dialect.json);
}

/// The same in both dialects. Times are seconds since 1970.
constexpr const char* users = R"(
CREATE TABLE users (
  id text PRIMARY KEY, username text NOT NULL, email text NOT NULL UNIQUE, password_hash text NOT NULL,
  created_at bigint NOT NULL);
CREATE UNIQUE INDEX users_by_username ON users (lower(username));
CREATE TABLE refresh_families (
  family text PRIMARY KEY, user_id text NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  token_hash text NOT NULL, expires_at bigint NOT NULL);
CREATE INDEX refresh_families_by_user ON refresh_families (user_id, expires_at);
CREATE INDEX refresh_families_by_expiry ON refresh_families (expires_at);
)";

/// Times are milliseconds since 1970.
std::string notes(const Dialect& dialect) {
  return fmt::format(R"(
CREATE TABLE notes (
  id {}, owner text NOT NULL REFERENCES users (id) ON DELETE CASCADE, created bigint NOT NULL,
  title text NOT NULL, text text NOT NULL, version integer NOT NULL, UNIQUE (owner, title));
CREATE INDEX notes_by_age ON notes (owner, created DESC, id DESC);
)",
                     dialect.new_id);
}

/// Whatever the id, each factor gives each number of the range equally often: it has no divisor in common
/// with the size of the range.
std::string rows(const Dialect& dialect) {
  const auto numbers = [&](int most) { return fmt::format(fmt::runtime(dialect.numbers), most); };
  return fmt::format(R"(
INSERT INTO world (id, randomnumber)
SELECT id, 1 + id * 7919 % 10000 FROM {worlds} WHERE NOT EXISTS (SELECT 1 FROM world);
INSERT INTO cachedworld (id, randomnumber)
SELECT id, 1 + id * 7907 % 10000 FROM {worlds} WHERE NOT EXISTS (SELECT 1 FROM cachedworld);
INSERT INTO fortune (id, message)
SELECT * FROM (VALUES
  (1, 'fortune: No such file or directory'),
  (2, 'A computer scientist is someone who fixes things that aren''t broken.'),
  (3, 'After enough decimal places, nobody gives a damn.'),
  (4, 'A bad random number generator: 1, 1, 1, 1, 1, 4.33e+67, 1, 1, 1'),
  (5, 'A computer program does what you tell it to do, not what you want it to do.'),
  (6, 'Emacs is a nice operating system, but I prefer UNIX. — Tom Christaensen'),
  (7, 'Any program that runs right is obsolete.'),
  (8, 'A list is only as strong as its weakest link. — Donald Knuth'),
  (9, 'Feature: A bug with seniority.'),
  (10, 'Computers make very fast, very accurate mistakes.'),
  (11, '<script>alert("This should not be displayed in a browser alert box.");</script>'),
  (12, 'フレームワークのベンチマーク')) AS messages
WHERE NOT EXISTS (SELECT 1 FROM fortune);
INSERT INTO items (id, name, category, price, quantity, active, tags, rating_score, rating_count)
SELECT id, 'Item ' || id,
  CASE id % 8 WHEN 0 THEN 'books' WHEN 1 THEN 'clothing' WHEN 2 THEN 'electronics' WHEN 3 THEN 'garden'
    WHEN 4 THEN 'kitchen' WHEN 5 THEN 'office' WHEN 6 THEN 'sports' ELSE 'toys' END,
  1 + id * 7919 % 500, id * 31 % 1000, id % 5 <> 0,
  {json}(CASE id % 4 WHEN 0 THEN '["new"]' WHEN 1 THEN '["popular", "durable"]'
    WHEN 2 THEN '["sale", "popular", "light"]' ELSE '["handmade", "new"]' END),
  10 + id * 13 % 41, id * 17 % 1000
FROM {items} WHERE NOT EXISTS (SELECT 1 FROM items);
)",
                     fmt::arg("worlds", numbers(10'000)), fmt::arg("items", numbers(100'000)),
                     fmt::arg("json", dialect.json_cast));
}

}  // namespace

Schema schema() {
  Schema schema;
  schema.migrations.push_back({1, "the tables of the benchmarks", {tables(postgres), tables(sqlite)}});
  schema.migrations.push_back({2, "users and their sessions", {users, users}});
  schema.migrations.push_back({3, "notes", {notes(postgres), notes(sqlite)}});
  schema.seed = {rows(postgres) + "ANALYZE world, cachedworld, fortune, items;\n", rows(sqlite)};
  return schema;
}

}  // namespace chopin::app
