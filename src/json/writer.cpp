#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <exception>
#include <stdexcept>
#include <string>

#include "chopin/json.hpp"
#include "text/utf8.hpp"

namespace chopin {
namespace {

/// Whether the byte needs no escape. Bytes outside ASCII do not count as plain: they are checked as UTF-8.
constexpr bool is_plain(char c) noexcept {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0x20 && byte < 0x80 && c != '"' && c != '\\';
}

std::size_t plain_prefix(std::string_view text) noexcept {
  std::size_t size = 0;
  for (json::Block block{}; text.size() - size >= sizeof block; size += sizeof block) {
    std::memcpy(&block, text.substr(size).begin(), sizeof block);
    if (!json::are_plain(block)) break;
  }
  return static_cast<std::size_t>(std::ranges::find_if_not(text.substr(size), is_plain) - text.begin());
}

/// Writes a number below 100,000 with at most three decimals, such as a price: then the fewest of them that
/// give the number back are its shortest text, and that is not shorter with an exponent. Null for others.
char* write_decimal(double number, char* out) noexcept {
  constexpr double most = 1e5;
  constexpr std::uint32_t most_scale = 1000;
  const double size = std::fabs(number);
  if (!(size < most)) return nullptr;
  for (std::uint32_t scale = 1; scale <= most_scale; scale *= 10) {
    // NOLINTNEXTLINE(bugprone-incorrect-roundings): what it gives is compared with the number
    const auto digits = static_cast<std::uint32_t>(size * scale + 0.5);
    if (static_cast<double>(digits) / scale != size) continue;
    if (std::signbit(number)) *out++ = '-';
    constexpr std::size_t most_digits = 6;
    out = std::to_chars(out, out + most_digits, digits / scale).ptr;
    if (scale == 1) return out;
    *out++ = '.';
    const std::uint32_t rest = digits % scale;
    for (std::uint32_t place = scale / 10; place != 0; place /= 10) {
      *out++ = static_cast<char>('0' + rest / place % 10);
    }
    return out;
  }
  return nullptr;
}

void append_escaped(ByteBuffer& out, char c) {
  constexpr std::string_view digits = "0123456789abcdef";
  switch (c) {
    case '"': return out.append(R"(\")");
    case '\\': return out.append(R"(\\)");
    case '\b': return out.append(R"(\b)");
    case '\f': return out.append(R"(\f)");
    case '\n': return out.append(R"(\n)");
    case '\r': return out.append(R"(\r)");
    case '\t': return out.append(R"(\t)");
    default: break;
  }
  const auto code = static_cast<unsigned char>(c);
  out.append(R"(\u00)");
  out.push_back(digits[code >> 4]);
  out.push_back(digits[code & 0xf]);
}

}  // namespace

template <JsonWriter::Part Written>
JsonWriter& JsonWriter::write_string_with_care(std::string_view text) {
  if (!takes<Written>(place_)) refuse(Written == Part::name ? "the name of a member" : "a value");
  ByteBuffer& out = *out_;
  out.prepare(text.size() + most_around_a_string);  // so that the next text of this size takes the fast way
  if (place_.commas() != 0) out.push_back(',');
  out.push_back('"');
  std::size_t copied = 0;
  for (std::size_t at = plain_prefix(text); at < text.size(); at += plain_prefix(text.substr(at))) {
    const bool is_ascii = static_cast<unsigned char>(text[at]) < 0x80;
    if (const std::size_t size = is_ascii ? 0 : text::utf8_character_size(text.substr(at)); size != 0) {
      at += size;
      continue;
    }
    out.append(text.substr(copied, at - copied));
    if (is_ascii)
      append_escaped(out, text[at]);
    else
      out.append("\xef\xbf\xbd");  // U+FFFD, the replacement character
    copied = ++at;
  }
  out.append(text.substr(copied));
  out.push_back('"');
  if constexpr (Written == Part::name) out.push_back(':');
  note<Written>(place_);
  return *this;
}

template <JsonWriter::Part Written>
JsonWriter& JsonWriter::write_any_string(std::string_view text) {
  return write_string<Written>(text);
}

JsonWriter& JsonWriter::write_member_with_care(std::string_view name, std::string_view text) {
  return key(name).value(text);
}

template JsonWriter& JsonWriter::write_any_string<JsonWriter::Part::name>(std::string_view name);
template JsonWriter& JsonWriter::write_any_string<JsonWriter::Part::value>(std::string_view value);
template JsonWriter& JsonWriter::write_string_with_care<JsonWriter::Part::name>(std::string_view name);
template JsonWriter& JsonWriter::write_string_with_care<JsonWriter::Part::value>(std::string_view value);

JsonWriter& JsonWriter::raw(TextArgument json) {
  out_->commit(begin_value(0));
  out_->append(json);
  place_.note_value();
  return *this;
}

/// Makes room for a value of at most `size` bytes, after its comma if it needs one.
char* JsonWriter::begin_value(std::size_t size) {
  if (!place_.takes_value()) refuse("a value");
  char* const out = out_->prepare(size + 1);
  *out = ',';
  return out + place_.commas();
}

JsonWriter& JsonWriter::open(char bracket) {
  char* const out = begin_value(1);
  *out = bracket;
  out_->commit(out + 1);
  bracket == '{' ? place_.note_object() : place_.note_array();
  return *this;
}

JsonWriter& JsonWriter::close(char bracket) {
  const bool fits = bracket == '}' ? place_.takes_name() : place_.takes_end_of_array();
  if (!fits) refuse(bracket == '}' ? "the end of an object" : "the end of an array");
  out_->push_back(bracket);
  place_.note_end();
  return *this;
}

void JsonWriter::refuse(std::string_view what) const {
  std::string fault = "JsonWriter: " + std::string(what);
  if (place_.is_done()) {
    fault += " after the whole text";
  } else if (place_.takes_name()) {
    fault += " where the name of a member or the end of an object belongs";
  } else {
    fault += place_.takes_end_of_array() ? " in an array" : " where a value belongs";
  }
  throw std::logic_error(fault);
}

void JsonWriter::refuse_incomplete() const {
  if (std::uncaught_exceptions() > 0) return;
  throw std::logic_error(place_.is_start()
                             ? "JsonWriter: nothing was written"
                             : "JsonWriter: the text is incomplete, an end or a value is missing");
}

template <class Number>
JsonWriter& JsonWriter::write_number(Number number) {
  constexpr std::size_t most_bytes = 32;
  char* const out = begin_value(most_bytes);
  out_->commit(std::to_chars(out, out + most_bytes, number).ptr);
  place_.note_value();
  return *this;
}

template JsonWriter& JsonWriter::write_number(std::int64_t number);
template JsonWriter& JsonWriter::write_number(std::uint64_t number);

JsonWriter& JsonWriter::value(double number) {
  if (!std::isfinite(number)) return raw("null");
  constexpr std::size_t most_bytes = 16;
  if (char* const end = write_decimal(number, begin_value(most_bytes))) {
    out_->commit(end);
    place_.note_value();
    return *this;
  }
  return write_number(number);
}

}  // namespace chopin
