#pragma once

#include <chrono>
#include <span>
#include <string>
#include <string_view>

#include "chopin/log.hpp"

namespace chopin::log {

/// `message name=value name="a value"`. `\`, malformed UTF-8 and the characters of `is_dangerous` are
/// escaped, so that a text from a client cannot start a new line, control a terminal or add a field.
std::string text_line(std::string_view message, std::span<const LogField> fields);

/// {"time":"2026-11-21T12:00:00.123Z","level":"info","message":"...","name":"value"}
std::string json_line(std::chrono::system_clock::time_point time, LogLevel level, std::string_view message,
                      std::span<const LogField> fields);

}  // namespace chopin::log
