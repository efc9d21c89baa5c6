#pragma once

#include <string>

#include "chopin/config.hpp"
#include "chopin/schema.hpp"

namespace chopin::cli {

/// What `chopin migrate` and `chopin seed` do. Returns a line that says what was done. Throws SettingsError
/// if the URL names no database that lasts, std::runtime_error, which names the database, if it fails.
std::string migrate(const DatabaseConfig& config, const Schema& schema, bool seed);

/// Removes what killed processes have left of databases in memory. Fails in silence: the next start tries
/// again.
void remove_leftover_databases() noexcept;

}  // namespace chopin::cli
