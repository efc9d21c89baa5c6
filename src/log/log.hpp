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

/// The program's log: lines on stderr, written by a thread of their own so that a worker never waits for a
/// pipe.
namespace chopin::log {

using Level = LogLevel;

class Writer;

/// Opens the log for as long as it lives and flushes it at the end. Without one nothing is logged; of several
/// the last that was opened is written to. It lives from before the first thread that logs until after the
/// last.
class Log {
 public:
  explicit Log(Level least, LogFormat format = LogFormat::text);
  ~Log();
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

 private:
  std::unique_ptr<Writer> writer_;
};

[[nodiscard]] bool is_enabled(Level level) noexcept;
/// One line, whatever bytes the message and the fields hold. Nothing where the level is not enabled.
void write(Level level, std::string_view message, std::initializer_list<Field> fields = {});

/// The same for a text that is put together only if it is wanted. For want of memory it may be lost.
template <class... Args>
void write_formatted(Level level, fmt::format_string<Args...> format, Args&&... args) noexcept {
  try {
    if (is_enabled(level)) write(level, fmt::format(format, std::forward<Args>(args)...));
  } catch (const std::exception&) {  // NOLINT(bugprone-empty-catch): where could that be said?
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
