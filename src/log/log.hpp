#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/core.h>

/// The program's log: lines on stderr, written by a thread of their own so that a worker never waits for a
/// pipe.
namespace chopin::log {

enum class Level : std::uint8_t { trace, debug, info, warn, error, critical, off };

/// Opens the log for as long as it lives and flushes it at the end. Without one nothing is logged.
class Log {
 public:
  explicit Log(Level level);
  ~Log();
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;
};

[[nodiscard]] bool is_enabled(Level level) noexcept;
void write(Level level, std::string_view message);

template <class... Args>
void info(fmt::format_string<Args...> format, Args&&... args) {
  if (is_enabled(Level::info)) write(Level::info, fmt::format(format, std::forward<Args>(args)...));
}

template <class... Args>
void warn(fmt::format_string<Args...> format, Args&&... args) {
  if (is_enabled(Level::warn)) write(Level::warn, fmt::format(format, std::forward<Args>(args)...));
}

template <class... Args>
void error(fmt::format_string<Args...> format, Args&&... args) {
  if (is_enabled(Level::error)) write(Level::error, fmt::format(format, std::forward<Args>(args)...));
}

}  // namespace chopin::log
