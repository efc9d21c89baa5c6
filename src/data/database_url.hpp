#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace chopin::data {

/// Where a database is.
struct DatabaseUrl {
  enum class Kind : std::uint8_t { none, sqlite_memory, sqlite_file, postgres };

  Kind kind = Kind::none;
  std::string target;  ///< the file of SQLite; the whole URL for libpq
  std::string shown;   ///< the same without the password, for messages
};

/// Throws std::invalid_argument, which names what is wrong without any password.
DatabaseUrl parse_database_url(std::string_view url);

}  // namespace chopin::data
