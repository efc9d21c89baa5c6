#pragma once

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace chopin::system {

/// A file is missing, may not be read or makes no sense. The message names it and says which.
class Unreadable : public std::runtime_error {
 public:
  Unreadable(std::string_view path, std::string_view reason);
};

/// The kernel's files, /proc and /sys, below a root.
class Tree {
 public:
  /// `root` is prefixed to every path: empty for the machine's own files.
  explicit Tree(std::string root) : root_(std::move(root)) {}

  [[nodiscard]] const std::string& root() const noexcept { return root_; }
  [[nodiscard]] bool has(std::string_view path) const;
  /// Throws Unreadable where the tree has no such file or folder.
  void require(std::string_view path) const;
  /// The first line of a file, which has one. Throws Unreadable.
  [[nodiscard]] std::string line(std::string_view path) const;
  /// The one number in a file. Throws Unreadable.
  [[nodiscard]] std::uint64_t number(std::string_view path) const;
  /// The same, and nothing where it cannot be read.
  [[nodiscard]] std::optional<std::uint64_t> number_if_readable(std::string_view path) const;

 private:
  std::string root_;
};

}  // namespace chopin::system
