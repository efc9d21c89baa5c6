#pragma once

#include "chopin/config.hpp"
#include "chopin/schema.hpp"

namespace chopin::data {

/// Migrates PostgreSQL if `config.migrate` asks for it, and returns the number of migrations that were run.
/// Blocks. Throws std::runtime_error, which names the database, if that fails.
unsigned migrate_at_start(const DatabaseConfig& config, const Schema& schema);

/// As chopin::migrate, but throws std::runtime_error, which names the database, in the place of
/// DatabaseError.
unsigned migrate_or_say_why(const DatabaseConfig& config, const Schema& schema, bool seed);

}  // namespace chopin::data
