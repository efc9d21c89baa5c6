#include <array>
#include <charconv>
#include <cmath>
#include <cstring>

#include "chopin/json.hpp"
#include "json/utf8.hpp"

namespace chopin {
namespace {

/// Whether a string may carry the byte as it is. Bytes outside ASCII are looked at more closely.
constexpr bool is_plain(unsigned char c) noexcept {
  return c >= 0x20 && c < 0x80 && c != '"' && c != '\\';
}

constexpr std::array<bool, 256> plain = [] {
  std::array<bool, 256> table{};
  for (std::size_t c = 0; c < table.size(); ++c) table[c] = is_plain(static_cast<unsigned char>(c));
  return table;
}();

/// Whether the eight bytes at `bytes` are all plain: of an ASCII byte the high bit appears in `- n` only
/// where the byte is less than n, or borrowed from by one that is.
bool are_eight_plain(const char* bytes) noexcept {
  constexpr std::uint64_t ones = 0x0101010101010101;
  std::uint64_t word = 0;
  std::memcpy(&word, bytes, sizeof word);
  const std::uint64_t quotes = (word ^ (ones * '"')) - ones;
  const std::uint64_t backslashes = (word ^ (ones * '\\')) - ones;
  const std::uint64_t controls = word - ones * 0x20;
  return ((quotes | backslashes | controls | word) & (ones << 7)) == 0;
}

std::size_t plain_prefix(std::string_view text) noexcept {
  constexpr std::size_t word = sizeof(std::uint64_t);
  std::size_t size = 0;
  while (text.size() - size >= word && are_eight_plain(text.data() + size)) size += word;
  while (size < text.size() && plain[static_cast<unsigned char>(text[size])]) ++size;
  return size;
}

void append_escaped(std::string& out, char c) {
  constexpr std::string_view digits = "0123456789abcdef";
  switch (c) {
    case '"': out += R"(\")"; return;
    case '\\': out += R"(\\)"; return;
    case '\b': out += R"(\b)"; return;
    case '\f': out += R"(\f)"; return;
    case '\n': out += R"(\n)"; return;
    case '\r': out += R"(\r)"; return;
    case '\t': out += R"(\t)"; return;
    default: break;
  }
  const auto code = static_cast<unsigned char>(c);
  out.append(R"(\u00)").append(1, digits[code >> 4]).append(1, digits[code & 0xf]);
}

/// The bytes of a string from the first that is not plain on.
void append_with_care(std::string& out, std::string_view text) {
  std::size_t copied = 0;
  for (std::size_t at = plain_prefix(text); at < text.size(); at += plain_prefix(text.substr(at))) {
    const bool is_ascii = static_cast<unsigned char>(text[at]) < 0x80;
    if (const std::size_t size = is_ascii ? 0 : json::utf8_character_size(text.substr(at)); size != 0) {
      at += size;
      continue;
    }
    out.append(text, copied, at - copied);
    if (is_ascii)
      append_escaped(out, text[at]);
    else
      out += "\xef\xbf\xbd";  // U+FFFD, the replacement character
    copied = ++at;
  }
  out.append(text, copied);
}

void append_string(std::string& out, std::string_view text) {
  out += '"';
  append_with_care(out, text);
  out += '"';
}

template <class Number>
void append_number(std::string& out, Number number) {
  std::array<char, 32> digits{};
  const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), number);
  out.append(digits.data(), end);
}

}  // namespace

JsonWriter& JsonWriter::key(std::string_view name) {
  separate();
  append_string(*out_, name);
  *out_ += ':';
  needs_comma_ = false;
  return *this;
}

JsonWriter& JsonWriter::value(std::string_view text) {
  separate();
  append_string(*out_, text);
  return *this;
}

JsonWriter& JsonWriter::value(double number) {
  if (!std::isfinite(number)) return raw("null");
  separate();
  append_number(*out_, number);
  return *this;
}

JsonWriter& JsonWriter::raw(std::string_view json) {
  separate();
  *out_ += json;
  return *this;
}

JsonWriter& JsonWriter::integer(std::int64_t number) {
  separate();
  append_number(*out_, number);
  return *this;
}

JsonWriter& JsonWriter::unsigned_integer(std::uint64_t number) {
  separate();
  append_number(*out_, number);
  return *this;
}

}  // namespace chopin
