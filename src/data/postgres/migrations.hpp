#pragma once

#include <chrono>
#include <string>

#include "chopin/schema.hpp"

namespace chopin::data::postgres {

/// Longest wait for another program that migrates, and for a lock on a table.
inline constexpr std::chrono::milliseconds longest_lock_wait = std::chrono::minutes(1);

/// See chopin::migrate. Blocks. `url`: as parse_postgres_url has taken it. Several programs may do this at
/// the same time. Throws DatabaseError: also 55000 if the database is at a version that the schema does not
/// have, and 55P03 if a lock was not free in time; std::invalid_argument if versions do not ascend from 1.
unsigned migrate(const std::string& url, const Schema& schema, bool seed,
                 std::chrono::milliseconds lock_wait = longest_lock_wait);

}  // namespace chopin::data::postgres
