#include "data/database_url.hpp"

#include <stdexcept>

namespace chopin::data {

DatabaseUrl parse_database_url(std::string_view url) {
  using Kind = DatabaseUrl::Kind;
  if (url == "none") return {Kind::none, "", "none"};
  if (url == "sqlite::memory:") return {Kind::sqlite_memory, "", std::string(url)};
  if (url.starts_with("sqlite://")) {
    return {Kind::sqlite_file, std::string(url.substr(9)), std::string(url)};
  }
  if (url.starts_with("postgres://") || url.starts_with("postgresql://")) {
    return {Kind::postgres, std::string(url), "postgres"};
  }
  throw std::invalid_argument("a database URL begins with sqlite: or postgres:");
}

}  // namespace chopin::data
