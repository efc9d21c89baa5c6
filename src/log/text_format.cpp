#include "log/text_format.hpp"

#include <ctime>
#include <string_view>

#include <spdlog/details/log_msg.h>

namespace chopin::log {
namespace {

constexpr LogLevel from_spdlog(spdlog::level::level_enum level) noexcept {
  return static_cast<LogLevel>(level);
}

constexpr spdlog::level::level_enum to_spdlog(LogLevel level) noexcept {
  static_assert(from_spdlog(spdlog::level::trace) == LogLevel::trace);
  static_assert(from_spdlog(spdlog::level::critical) == LogLevel::critical);
  return static_cast<spdlog::level::level_enum>(level);
}

/// SGR sequences (ECMA-48 section 8.3.117).
std::string_view colour_of(LogLevel level) noexcept {
  switch (level) {
    case LogLevel::debug: return "\x1b[36m";
    case LogLevel::info: return "\x1b[32m";
    case LogLevel::warn: return "\x1b[33m\x1b[1m";
    case LogLevel::error: return "\x1b[31m\x1b[1m";
    case LogLevel::critical: return "\x1b[1m\x1b[41m";
    case LogLevel::trace:
    case LogLevel::off: break;
  }
  return "\x1b[37m";
}

/// The name that `to_string` gives to the level. spdlog's own is "warning" for warn.
class LevelName final : public spdlog::custom_flag_formatter {
 public:
  explicit LevelName(bool in_colour) noexcept : in_colour_(in_colour) {}

  void format(const spdlog::details::log_msg& message, const std::tm& /*time*/,
              spdlog::memory_buf_t& line) override {
    const LogLevel level = from_spdlog(message.level);
    const auto append = [&line](std::string_view text) {
      line.append(text.data(), text.data() + text.size());
    };
    if (in_colour_) append(colour_of(level));
    append(to_string(level));
    if (in_colour_) append("\x1b[m");
  }
  [[nodiscard]] std::unique_ptr<custom_flag_formatter> clone() const override {
    return std::make_unique<LevelName>(in_colour_);
  }

 private:
  bool in_colour_;
};

}  // namespace

TextFormat::TextFormat(bool in_colour)
    : formatter_(std::make_unique<spdlog::pattern_formatter>(spdlog::pattern_time_type::utc, "\n")) {
  formatter_->add_flag<LevelName>('*', in_colour).set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %* %v");
}

void TextFormat::append(const QueuedLine& line, spdlog::memory_buf_t& out) {
  formatter_->format(spdlog::details::log_msg(line.time, {}, {}, to_spdlog(line.level), line.text), out);
}

}  // namespace chopin::log
