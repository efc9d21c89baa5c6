#include "data/migrate.hpp"

#include <stdexcept>

#include <fmt/core.h>

#include "chopin/database.hpp"
#include "data/database_url.hpp"
#include "data/postgres/migrations.hpp"
#include "data/sources.hpp"

namespace chopin {

unsigned migrate(const DatabaseConfig& config, const Schema& schema, bool seed) {
  const data::DatabaseUrl url = data::parse_database_url(config.url);
  switch (url.kind) {
    case data::DatabaseUrl::Kind::none: throw std::invalid_argument("the database URL is \"none\"");
    case data::DatabaseUrl::Kind::sqlite_memory:
      throw std::invalid_argument("a database in memory is made by the server that uses it");
    case data::DatabaseUrl::Kind::postgres: return data::postgres::migrate(url.target, schema, seed);
    case data::DatabaseUrl::Kind::sqlite_file: break;
  }
  return data::sqlite::migrate(url.target, schema, seed);
}

namespace data {

unsigned migrate_or_say_why(const DatabaseConfig& config, const Schema& schema, bool seed) {
  try {
    return migrate(config, schema, seed);
  } catch (const DatabaseError& error) {
    throw std::runtime_error(fmt::format("cannot migrate {}: {} (SQLSTATE {})",
                                         parse_database_url(config.url).shown, error.detail(),
                                         error.sqlstate()));
  }
}

unsigned migrate_at_start(const DatabaseConfig& config, const Schema& schema) {
  if (!config.migrate || parse_database_url(config.url).kind != DatabaseUrl::Kind::postgres) return 0;
  return migrate_or_say_why(config, schema, false);
}

}  // namespace data
}  // namespace chopin
