#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace chopin::data {

/// Where a database is.
struct DatabaseUrl {
  enum class Kind : std::uint8_t { none, sqlite_memory, sqlite_file, postgres };

  /// Largest URL, in bytes.
  static constexpr std::size_t max_size = 8192;

  Kind kind = Kind::none;
  std::string target;  ///< the file of SQLite; the whole URL for libpq
  std::string shown;   ///< the same without passwords and parameters, for messages
  bool has_password = false;
};

/// Throws std::invalid_argument, which says what is wrong without quoting the URL: part of it is a password,
/// and if it is not as it should be, which part that is cannot be known.
DatabaseUrl parse_database_url(std::string_view url);

}  // namespace chopin::data
