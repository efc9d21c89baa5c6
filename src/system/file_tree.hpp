#pragma once

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace chopin::system {

/// A file is missing, may not be read or has unexpected content. The message names the file and the reason.
class Unreadable : public std::runtime_error {
 public:
  Unreadable(std::string_view path, std::string_view reason);
};

/// The kernel's files, /proc and /sys, under a root.
class Tree {
 public:
  /// `root` is prefixed to every path: empty for the machine's own files.
  explicit Tree(std::string root) : root_(std::move(root)) {}

  [[nodiscard]] const std::string& root() const noexcept { return root_; }
  [[nodiscard]] bool has(std::string_view path) const;
  /// Throws Unreadable if there is no such file or folder.
  void require(std::string_view path) const;
  /// The first line of a file. Throws Unreadable, also if it is empty.
  [[nodiscard]] std::string line(std::string_view path) const;
  /// The number in a file. Throws Unreadable.
  [[nodiscard]] std::uint64_t number(std::string_view path) const;
  /// The same, but nullopt if it cannot be read.
  [[nodiscard]] std::optional<std::uint64_t> number_if_readable(std::string_view path) const;

 private:
  std::string root_;
};

}  // namespace chopin::system
