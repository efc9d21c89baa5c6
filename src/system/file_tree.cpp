#include "system/file_tree.hpp"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <system_error>

#include <fmt/core.h>

#include "text/characters.hpp"
#include "text/number.hpp"

namespace chopin::system {
namespace {

std::string reason_of(int error) {
  std::string reason = std::generic_category().message(error);
  if (!reason.empty()) reason.front() = text::to_lower(reason.front());
  return reason;
}

bool is_printable(char c) {
  return c == '\t' || (c >= ' ' && c <= '~');
}

}  // namespace

Unreadable::Unreadable(std::string_view path, std::string_view reason)
    : std::runtime_error(fmt::format("{}: {}", path, reason)) {}

bool Tree::has(std::string_view path) const {
  std::error_code ec;
  return std::filesystem::exists(root_ + std::string(path), ec);
}

void Tree::require(std::string_view path) const {
  if (!has(path)) throw Unreadable(path, "it is not there");
}

std::string Tree::line(std::string_view path) const {
  errno = 0;
  std::ifstream file(root_ + std::string(path));
  std::string line;
  if (!std::getline(file, line) && errno != 0) throw Unreadable(path, reason_of(errno));
  if (line.empty()) throw Unreadable(path, "it is empty");
  if (!std::ranges::all_of(line, is_printable)) throw Unreadable(path, "it is not text");
  return line;
}

std::uint64_t Tree::number(std::string_view path) const {
  const auto number = text::to_number(text::trimmed(line(path)));
  if (!number) throw Unreadable(path, "it holds no number");
  return *number;
}

std::optional<std::uint64_t> Tree::number_if_readable(std::string_view path) const {
  try {
    return number(path);
  } catch (const Unreadable&) {
    return std::nullopt;
  }
}

}  // namespace chopin::system
