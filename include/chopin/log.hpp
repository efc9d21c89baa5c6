#pragma once

#include <chrono>
#include <concepts>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

#include "chopin/config.hpp"

namespace chopin {

namespace log {
class Writer;

template <class Number>
concept Whole = std::integral<Number> && !std::same_as<Number, bool> && !std::same_as<Number, char>;
}  // namespace log

/// A named value of a log line: {"status", 200}. Its texts must outlive the call that logs it.
struct LogField {
  std::string_view name;
  std::variant<std::string_view, std::int64_t, std::uint64_t, double, bool> value;

  LogField(std::string_view field_name, std::string_view text) noexcept : name(field_name), value(text) {}
  /// A null pointer is an empty text.
  LogField(std::string_view field_name, const char* text) noexcept
      : LogField(field_name, text == nullptr ? std::string_view() : std::string_view(text)) {}
  LogField(std::string_view field_name, double number) noexcept : name(field_name), value(number) {}
  LogField(std::string_view field_name, std::same_as<bool> auto flag) noexcept
      : name(field_name), value(flag) {}
  LogField(std::string_view field_name, char) = delete;
  template <log::Whole Number>
  LogField(std::string_view field_name, Number number) noexcept : name(field_name) {
    if constexpr (std::is_signed_v<Number>)
      value = std::int64_t{number};
    else
      value = std::uint64_t{number};
  }
};

/// A line as a sink gets it.
struct LogLine {
  LogLevel level;
  std::chrono::system_clock::time_point time;
  /// LogFormat::text: `message name=value`, without time and level. LogFormat::json: the whole object. No
  /// line end and no control character in either. Valid during the call.
  std::string_view text;
};

/// Takes a server's log lines instead of stderr. Called on the log's own thread, for one line at a time. The
/// end of the Server waits for a call that is under way, but not for lines that are still queued. A line
/// whose call throws counts as lost. Must not write into the log it serves.
using LogSink = std::function<void(const LogLine&)>;

/// The log of a Server: `request.log()` in a handler, `server.log()` outside of one.
///
///     request.log().info("order placed", {{"order", id}, {"items", items.size()}});
///
/// A line is put into a queue, and a thread of the log writes it, so that no caller waits for the reader of
/// stderr. The queue takes 4 MiB; if it is full, lines are lost, and a later line says how many.
///
/// Thread safety: any thread.
/// Lifetime: a copy may outlive the Server; what is written then is lost.
/// Throws: nothing.
class Log {
 public:
  using Fields = std::initializer_list<LogField>;

  /// Writes nothing.
  Log() noexcept = default;
  /// For internal use.
  Log(std::shared_ptr<log::Writer> writer, LogLevel least) noexcept
      : writer_(std::move(writer)), least_(least) {}

  /// Only needed where the fields of a line are expensive: a line whose level is not enabled is not written
  /// anyway.
  [[nodiscard]] bool is_enabled(LogLevel level) const noexcept {
    return level >= least_ && level != LogLevel::off;
  }
  /// Writes one line if the level is enabled, whatever bytes the message and the fields hold.
  void write(LogLevel level, std::string_view message, std::span<const LogField> fields) const noexcept {
    if (is_enabled(level)) write_line(level, message, fields);
  }

  void debug(std::string_view message, Fields fields = {}) const noexcept {
    write(LogLevel::debug, message, {fields.begin(), fields.size()});
  }
  void info(std::string_view message, Fields fields = {}) const noexcept {
    write(LogLevel::info, message, {fields.begin(), fields.size()});
  }
  void warn(std::string_view message, Fields fields = {}) const noexcept {
    write(LogLevel::warn, message, {fields.begin(), fields.size()});
  }
  void error(std::string_view message, Fields fields = {}) const noexcept {
    write(LogLevel::error, message, {fields.begin(), fields.size()});
  }

  /// How many lines could not be written so far.
  [[nodiscard]] std::uint64_t lost() const noexcept;

  /// For internal use.
  [[nodiscard]] log::Writer* writer() const noexcept { return writer_.get(); }

 private:
  void write_line(LogLevel level, std::string_view message, std::span<const LogField> fields) const noexcept;

  std::shared_ptr<log::Writer> writer_;
  LogLevel least_ = LogLevel::off;
};

}  // namespace chopin
