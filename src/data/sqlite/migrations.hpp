#pragma once

#include "chopin/schema.hpp"
#include "data/sqlite/connection.hpp"

namespace chopin::data::sqlite {

// Both throw DatabaseError: what a script says, or that the database is newer than the schema.

/// Runs the migrations that the database has not had, each in a transaction, and returns how many. A schema
/// without migrations leaves the database as it is.
unsigned run_migrations(Connection& connection, const Schema& schema);
/// Runs the script that fills the tables, in a transaction.
void run_seed(Connection& connection, const Schema& schema);

}  // namespace chopin::data::sqlite
