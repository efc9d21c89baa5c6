#include "cli/short_file.hpp"

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <system_error>

#include <fmt/core.h>

namespace chopin::cli {

std::string read_short_file(const std::string& path, std::size_t most) {
  constexpr std::size_t line_end = 2;
  std::error_code ec;
  const auto type = std::filesystem::status(path, ec).type();
  if (type == std::filesystem::file_type::not_found) {
    throw std::invalid_argument(fmt::format("there is no file {}", path));
  }
  if (!ec && type != std::filesystem::file_type::regular) {
    throw std::invalid_argument(fmt::format("{} is not a regular file", path));
  }
  std::ifstream file(path, std::ios::binary);
  std::string text(most + line_end + 1, '\0');
  if (file) file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (ec || !file.is_open() || file.bad()) {
    const std::string reason = ec ? ec.message() : std::generic_category().message(errno);
    throw std::invalid_argument(fmt::format("cannot read {}: {}", path, reason));
  }
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.size() > most + line_end) {
    throw std::invalid_argument(fmt::format("{} is larger than {} bytes", path, most));
  }
  if (text.ends_with('\n')) text.pop_back();
  if (text.ends_with('\r')) text.pop_back();
  return text;
}

}  // namespace chopin::cli
