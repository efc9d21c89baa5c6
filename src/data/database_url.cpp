#include "data/database_url.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include <fmt/core.h>

#include "data/postgres_url.hpp"
#include "text/characters.hpp"
#include "text/percent.hpp"

namespace chopin::data {
namespace {

constexpr std::string_view sqlite_scheme = "sqlite://";
constexpr std::string_view sqlite_in_memory = "sqlite::memory:";

constexpr std::string_view accepted =
    "PostgreSQL and SQLite are supported: postgres://host:port/name, sqlite:///absolute/file, "
    "sqlite://relative/file, sqlite::memory:, or none";

/// What was meant by a URL of no known form.
std::string hint(std::string url) {
  std::ranges::transform(url, url.begin(), text::to_lower);
  const auto starts_with = [&url](std::string_view start) { return url.starts_with(start); };
  if (starts_with("sqlite") && url.find(":memory") != std::string::npos) {
    return "a database in memory is sqlite::memory:";
  }
  if (starts_with("sqlite") || starts_with("file:")) {
    return "a file of SQLite is sqlite://relative/file or sqlite:///absolute/file";
  }
  if (starts_with("jdbc:")) return "the URL begins with postgres://, without jdbc:";
  if (starts_with("postgres")) return "a URL of PostgreSQL begins with postgres:// or postgresql://";
  if (url.find("://") == std::string::npos && url.find('=') != std::string::npos) {
    return "give a URL instead of names and values: postgres://host:port/name";
  }
  return std::string(accepted);
}

DatabaseUrl parse_sqlite_url(std::string_view url) {
  const std::string_view path = url.substr(sqlite_scheme.size());
  if (path.starts_with(":memory")) {
    throw std::invalid_argument("a database in memory is sqlite::memory:");
  }
  if (path.find_first_of("?#") != std::string_view::npos) {
    throw std::invalid_argument("a file of SQLite has no parameters: ? is %3F and # is %23 in its name");
  }
  std::string file;
  for (std::string_view rest = path; !rest.empty();) {
    const bool is_encoded = rest.front() == '%';
    const auto byte = is_encoded ? text::decode_percent(rest) : rest.front();
    if (!byte || *byte == '\0') {
      throw std::invalid_argument(
          "in the file's name % must be followed by two hexadecimal digits: % is %25");
    }
    file.push_back(*byte);
    rest.remove_prefix(is_encoded ? 3 : 1);
  }
  if (file.empty() || file.ends_with('/')) {
    throw std::invalid_argument(
        "the file's name is missing: give sqlite://relative/file or sqlite:///absolute/file");
  }
  return {DatabaseUrl::Kind::sqlite_file, std::move(file), std::string(url)};
}

}  // namespace

DatabaseUrl parse_database_url(std::string_view url) {
  if (url.empty()) throw std::invalid_argument(fmt::format("the URL is empty; {}", accepted));
  if (url.size() > DatabaseUrl::max_size) {
    throw std::invalid_argument(fmt::format("the URL is longer than {} bytes", DatabaseUrl::max_size));
  }
  if (!text::consists_of(url, text::character_class::field_text) ||
      url.find('\t') != std::string_view::npos) {
    throw std::invalid_argument("the URL has a control character");
  }
  if (text::equals_ignoring_case(url, "none")) return {DatabaseUrl::Kind::none, "", "none"};
  if (url == sqlite_in_memory) return {DatabaseUrl::Kind::sqlite_memory, "", std::string(url)};
  if (url.starts_with(sqlite_scheme)) return parse_sqlite_url(url);
  if (is_postgres_url(url)) return parse_postgres_url(url);
  throw std::invalid_argument(hint(std::string(url)));
}

}  // namespace chopin::data
