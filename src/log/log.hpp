#pragma once

#include <exception>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/core.h>

#include "chopin/config.hpp"
#include "log/field.hpp"

/// The program's log: lines on stderr, written by a separate thread so that a worker never waits for a pipe.
namespace chopin::log {

using Level = LogLevel;

class Writer;

/// Keeps the log open while it exists and flushes it at the end. Without one nothing is logged; if there are
/// several, lines go to the one opened last. It must outlive all threads that log.
class Log {
 public:
  explicit Log(Level least, LogFormat format = LogFormat::text);
  ~Log();
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  /// Writes the lines that wait, for the last time: later ones are lost. Other threads may still log.
  void finish() noexcept;

 private:
  std::unique_ptr<Writer> writer_;
};

[[nodiscard]] bool is_enabled(Level level) noexcept;
/// Writes one line, whatever bytes the message and the fields hold, if the level is enabled.
void write(Level level, std::string_view message, std::initializer_list<Field> fields = {});

/// The same, but the text is formatted only if the level is enabled. The line is lost if memory runs out.
template <class... Args>
void write_formatted(Level level, fmt::format_string<Args...> format, Args&&... args) noexcept {
  try {
    if (is_enabled(level)) write(level, fmt::format(format, std::forward<Args>(args)...));
  } catch (const std::exception&) {  // NOLINT(bugprone-empty-catch): there is nowhere to report it
  }
}

template <class... Args>
void info(fmt::format_string<Args...> format, Args&&... args) noexcept {
  write_formatted(Level::info, format, std::forward<Args>(args)...);
}

template <class... Args>
void warn(fmt::format_string<Args...> format, Args&&... args) noexcept {
  write_formatted(Level::warn, format, std::forward<Args>(args)...);
}

template <class... Args>
void error(fmt::format_string<Args...> format, Args&&... args) noexcept {
  write_formatted(Level::error, format, std::forward<Args>(args)...);
}

}  // namespace chopin::log
