#pragma once

#include <memory>
#include <string>

#include "chopin/config.hpp"
#include "chopin/schema.hpp"
#include "data/backend.hpp"

namespace chopin::data {

namespace postgres {

/// `url`: for libpq. Throws std::bad_alloc.
std::shared_ptr<Source> make_source(std::string url, const DatabaseConfig& config);

}  // namespace postgres

namespace sqlite {

/// `file`: empty for a database in memory. Throws std::bad_alloc.
std::shared_ptr<Source> make_source(std::string file, const DatabaseConfig& config, Schema schema);
/// See chopin::migrate. Blocks.
unsigned migrate(const std::string& file, const Schema& schema, bool seed);

}  // namespace sqlite

}  // namespace chopin::data
