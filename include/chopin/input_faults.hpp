#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "chopin/error.hpp"
#include "chopin/text_argument.hpp"

namespace chopin {

/// Which values of a client's input have been read, and what is wrong with the others, so that one response
/// reports all faults. A part of JsonObject and Form.
///
/// Thread safety: one thread at a time.
/// Lifetime: owns its texts.
/// Throws: std::bad_alloc, and `check`.
class InputFaults {
 public:
  /// Adds a fault. Without effect if the name has one: the first counts.
  void refuse(TextArgument name, TextArgument message);
  /// Whether there are 100 faults: then a struct is not read any further.
  [[nodiscard]] bool is_full() const noexcept { return faults_.size() >= most_faults; }
  /// Notes that a value of this name has been read.
  void note_read(TextArgument name);
  /// Whether a value of this name has been read.
  [[nodiscard]] bool has_read(TextArgument name) const noexcept;
  /// Throws HttpError 422 (VALIDATION_ERROR) with `message` and every fault, if there is any.
  void check(TextArgument message) const;

 private:
  static constexpr std::size_t most_faults = 100;

  HttpError::Fields faults_;
  std::string read_;  // names, each after its size in 4 bytes: few allocations
};

}  // namespace chopin
