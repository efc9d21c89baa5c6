#include "cli/database_url_file.hpp"

#include <stdexcept>

#include <fmt/core.h>

#include "cli/short_file.hpp"
#include "data/database_url.hpp"

namespace chopin::cli {
std::string read_database_url_file(const std::string& path) {
  if (path.find("://") != std::string::npos) {
    throw std::invalid_argument("give the path of a file that holds the URL, not the URL");
  }
  std::string url = read_short_file(path, data::DatabaseUrl::max_size);
  try {
    data::parse_database_url(url);
  } catch (const std::invalid_argument& error) {
    throw std::invalid_argument(fmt::format("in {}: {}", path, error.what()));
  }
  return url;
}

}  // namespace chopin::cli
