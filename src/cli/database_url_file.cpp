#include "cli/database_url_file.hpp"

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string_view>
#include <system_error>

#include <fmt/core.h>

#include "data/database_url.hpp"

namespace chopin::cli {
namespace {

/// Only of a regular file, for a pipe might never end.
std::string read_short_file(const std::string& path) {
  constexpr std::size_t most = data::DatabaseUrl::max_size + 2;  // the URL and \r\n
  std::error_code ec;
  const auto type = std::filesystem::status(path, ec).type();
  if (type == std::filesystem::file_type::not_found) {
    throw std::invalid_argument(fmt::format("there is no file {}", path));
  }
  if (!ec && type != std::filesystem::file_type::regular) {
    throw std::invalid_argument(fmt::format("{} is not a regular file", path));
  }
  std::ifstream file(path, std::ios::binary);
  std::string text(most + 1, '\0');
  if (file) file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (ec || !file.is_open() || file.bad()) {
    const std::string reason = ec ? ec.message() : std::generic_category().message(errno);
    throw std::invalid_argument(fmt::format("cannot read {}: {}", path, reason));
  }
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.size() > most) {
    throw std::invalid_argument(fmt::format("{} is larger than {} bytes", path, data::DatabaseUrl::max_size));
  }
  return text;
}

}  // namespace

std::string read_database_url_file(const std::string& path) {
  if (path.find("://") != std::string::npos) {
    throw std::invalid_argument("give the path of a file that holds the URL, not the URL");
  }
  std::string url = read_short_file(path);
  if (url.ends_with('\n')) url.pop_back();
  if (url.ends_with('\r')) url.pop_back();
  try {
    data::parse_database_url(url);
  } catch (const std::invalid_argument& error) {
    throw std::invalid_argument(fmt::format("in {}: {}", path, error.what()));
  }
  return url;
}

}  // namespace chopin::cli
