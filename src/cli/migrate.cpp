#include "cli/migrate.hpp"

#include <fmt/core.h>

#include "cli/settings_error.hpp"
#include "data/database_url.hpp"
#include "data/migrate.hpp"
#include "data/sqlite/memory_folder.hpp"

namespace chopin::cli {
std::string migrate(const DatabaseConfig& config, const Schema& schema, bool seed) {
  using Kind = data::DatabaseUrl::Kind;
  const data::DatabaseUrl url = data::parse_database_url(config.url);
  if (url.kind == Kind::none) throw SettingsError("DATABASE_URL is none: there is no database to migrate");
  if (url.kind == Kind::sqlite_memory) {
    throw SettingsError(
        "DATABASE_URL is sqlite::memory:, which each server makes, migrates and fills itself: "
        "there is nothing to do before");
  }
  const unsigned count = data::migrate_or_say_why(config, schema, seed);
  std::string done = count == 1 ? "1 migration was run" : fmt::format("{} migrations were run", count);
  if (count == 0) done = "it was up to date";
  return fmt::format("{}: {}{}\n", url.shown, done, seed ? ", and its tables are filled" : "");
}

void remove_leftover_databases() noexcept {
  data::sqlite::remove_leftover_folders();
}

}  // namespace chopin::cli
