#include "log/line.hpp"

#include <algorithm>
#include <cstdint>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "chopin/json.hpp"
#include "text/utf8.hpp"

namespace chopin::log {
namespace {

/// The code point of a well-formed character.
std::uint32_t code_point(std::string_view character) noexcept {
  const auto byte = [character](std::size_t at) { return static_cast<unsigned char>(character[at]); };
  constexpr unsigned lead_bits[] = {0x7f, 0x7f, 0x1f, 0x0f, 0x07};
  std::uint32_t code = byte(0) & lead_bits[character.size()];
  for (std::size_t at = 1; at < character.size(); ++at) code = (code << 6) | (byte(at) & 0x3fU);
  return code;
}

/// Control characters, also C1, which terminals obey as they obey an escape sequence; line and paragraph
/// separators, at which some readers break a line; and the marks that change the direction of a text, with
/// which a line can be made to show what it does not say.
constexpr bool is_dangerous(std::uint32_t code) noexcept {
  return code < 0x20 || (code >= 0x7f && code <= 0x9f) || code == 0x61c || code == 0x200e || code == 0x200f ||
         (code >= 0x2028 && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
}

constexpr bool is_plain_ascii(char c) noexcept {
  return c >= 0x20 && c < 0x7f;
}

/// The bytes at the start of the text that need no escape.
std::size_t plain_prefix(std::string_view text, char escaped_too) noexcept {
  std::size_t size = 0;
  while (size < text.size()) {
    if (is_plain_ascii(text[size])) {
      if (text[size] == '\\' || text[size] == escaped_too) break;
      ++size;
      continue;
    }
    const std::size_t character = text::utf8_character_size(text.substr(size));
    if (character == 0 || is_dangerous(code_point(text.substr(size, character)))) break;
    size += character;
  }
  return size;
}

std::string escaped(std::string_view character) {
  const auto byte = static_cast<unsigned char>(character.front());
  if (character.size() > 1) return fmt::format("\\u{:04x}", code_point(character));
  switch (byte) {
    case '\n': return "\\n";
    case '\r': return "\\r";
    case '\t': return "\\t";
    case '\\': return "\\\\";
    case '"': return "\\\"";
    default: return fmt::format("\\x{:02x}", byte);
  }
}

void append_escaped(std::string& line, std::string_view text, char escaped_too = '\\') {
  for (;;) {
    const std::size_t plain = plain_prefix(text, escaped_too);
    line += text.substr(0, plain);
    text.remove_prefix(plain);
    if (text.empty()) return;
    const std::size_t size = std::max<std::size_t>(text::utf8_character_size(text), 1);
    line += escaped(text.substr(0, size));
    text.remove_prefix(size);
  }
}

/// Quotes a text that would not read back as one value.
void append_value(std::string& line, std::string_view text) {
  if (!text.empty() && text.find_first_of(" =\"") == std::string_view::npos) {
    append_escaped(line, text);
    return;
  }
  line += '"';
  append_escaped(line, text, '"');
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

/// A JSON text may hold any character above U+001F as it is. The writer lets them pass, so what
/// `is_dangerous` is escaped here; outside strings there is none.
std::string without_dangerous(std::string_view json) {
  std::string line;
  line.reserve(json.size());
  while (!json.empty()) {
    const auto ascii =
        static_cast<std::size_t>(std::ranges::find_if_not(json, is_plain_ascii) - json.begin());
    line += json.substr(0, ascii);
    json.remove_prefix(ascii);
    if (json.empty()) break;
    const std::string_view character =
        json.substr(0, std::max<std::size_t>(1, text::utf8_character_size(json)));
    const std::uint32_t code = code_point(character);
    if (is_dangerous(code))
      line += fmt::format("\\u{:04x}", code);
    else
      line += character;
    json.remove_prefix(character.size());
  }
  return line;
}

}  // namespace

std::string text_line(std::string_view message, std::span<const LogField> fields) {
  std::string line;
  append_escaped(line, message);
  for (const LogField& field : fields) {
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
                      std::span<const LogField> fields) {
  ByteBuffer line;
  JsonWriter json(line);
  json.begin_object().member("time", to_timestamp(time)).member("level", to_string(level));
  json.member("message", message);
  for (const LogField& field : fields) {
    std::visit([&](const auto& value) { json.member(field.name, value); }, field.value);
  }
  json.end_object();
  return without_dangerous(line.bytes());
}

}  // namespace chopin::log
