#include "log/line.hpp"

#include <algorithm>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "chopin/json.hpp"

namespace chopin::log {
namespace {

std::string escaped(char c) {
  switch (c) {
    case '\n': return "\\n";
    case '\r': return "\\r";
    case '\t': return "\\t";
    case '\\': return "\\\\";
    default: return fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
  }
}

bool needs_escape(char c) noexcept {
  const auto byte = static_cast<unsigned char>(c);
  return byte < 0x20 || byte == 0x7f || c == '\\';
}

void append_escaped(std::string& line, std::string_view text) {
  for (const char c : text) {
    if (needs_escape(c))
      line += escaped(c);
    else
      line += c;
  }
}

/// Quotes a text that would not read back as one value.
void append_value(std::string& line, std::string_view text) {
  if (!text.empty() && text.find_first_of(" =\"") == std::string_view::npos) {
    append_escaped(line, text);
    return;
  }
  line += '"';
  for (const char c : text) {
    if (c == '"')
      line += "\\\"";
    else
      append_escaped(line, {&c, 1});
  }
  line += '"';
}

/// RFC 3339, in UTC.
std::string to_timestamp(std::chrono::system_clock::time_point time) {
  using std::chrono::milliseconds;
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
  const auto rest = std::chrono::floor<milliseconds>(time - seconds);
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z",
                     fmt::gmtime(std::chrono::system_clock::to_time_t(seconds)), rest.count());
}

}  // namespace

std::string text_line(std::string_view message, std::span<const Field> fields) {
  std::string line;
  append_escaped(line, message);
  for (const Field& field : fields) {
    line += ' ';
    append_escaped(line, field.name);
    line += '=';
    if (const auto* const text = std::get_if<std::string_view>(&field.value))
      append_value(line, *text);
    else
      std::visit([&](const auto& value) { line += fmt::format("{}", value); }, field.value);
  }
  return line;
}

std::string json_line(std::chrono::system_clock::time_point time, LogLevel level, std::string_view message,
                      std::span<const Field> fields) {
  ByteBuffer line;
  JsonWriter json(line);
  json.begin_object().member("time", to_timestamp(time)).member("level", to_string(level));
  json.member("message", message);
  for (const Field& field : fields) {
    std::visit([&](const auto& value) { json.member(field.name, value); }, field.value);
  }
  json.end_object();
  return std::string(line.bytes());
}

}  // namespace chopin::log
