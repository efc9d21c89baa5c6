#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unistd.h>
#include <utility>

#include <spdlog/common.h>

#include "chopin/config.hpp"
#include "log/line_queue.hpp"
#include "log/text_format.hpp"
#include "system/descriptor.hpp"

namespace chopin::log {

/// Writes lines to stderr. Waits while nobody reads it, but not beyond the time that `end_at` sets.
///
/// Thread safety: `end_at` from any thread, the rest on the log's thread.
/// Lifetime: its writer's.
/// Throws: only the constructor: std::bad_alloc.
class StderrOutput {
 public:
  using Time = std::chrono::steady_clock::time_point;

  explicit StderrOutput(LogFormat format, int descriptor = STDERR_FILENO);

  /// Returns how many of the lines could not be written.
  std::size_t write(std::span<const QueuedLine> lines) noexcept;
  /// The last error of a write since this was called before; 0 if there was none, but nobody read in time.
  [[nodiscard]] int take_error() noexcept { return std::exchange(error_, 0); }
  void end_at(Time time) noexcept { end_ = time; }

 private:
  [[nodiscard]] std::string_view formatted(const QueuedLine& line);
  [[nodiscard]] bool write_all(std::string_view bytes) noexcept;
  [[nodiscard]] ssize_t write_some(std::string_view bytes) const noexcept;
  [[nodiscard]] bool wait_for_room() const noexcept;

  int fd_;
  system::Descriptor own_;  // the same pipe or terminal once more, non-blocking; may not be open
  bool is_socket_ = false;
  bool has_partial_line_ = false;
  int error_ = 0;
  std::optional<TextFormat> text_format_;  // none: the lines are whole objects
  spdlog::memory_buf_t line_;
  std::string chunk_;
  std::atomic<Time> end_ = Time::max();
};

}  // namespace chopin::log
