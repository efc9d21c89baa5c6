#pragma once

#include <memory>

#include <spdlog/pattern_formatter.h>

#include "log/line_queue.hpp"

namespace chopin::log {

/// Puts the time in UTC (RFC 3339) and the level before a line, and a line end after it.
///
/// Thread safety: none.
/// Lifetime: its own.
/// Throws: std::bad_alloc.
class TextFormat {
 public:
  /// `in_colour`: the level has the colour that spdlog gives it.
  explicit TextFormat(bool in_colour);

  void append(const QueuedLine& line, spdlog::memory_buf_t& out);

 private:
  std::unique_ptr<spdlog::pattern_formatter> formatter_;
};

}  // namespace chopin::log
