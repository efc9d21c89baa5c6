#pragma once

#include <string_view>

#include "data/database_url.hpp"

namespace chopin::data {

bool is_postgres_url(std::string_view url) noexcept;

/// What libpq takes for a URL, but stricter: reserved characters must be percent-encoded, and what libpq
/// would find wrong only when it connects is refused. Throws std::invalid_argument, as parse_database_url.
DatabaseUrl parse_postgres_url(std::string_view url);

}  // namespace chopin::data
