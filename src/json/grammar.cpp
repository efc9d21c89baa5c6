#include "json/grammar.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <string>

#include "chopin/error.hpp"

namespace chopin::json {
namespace {

std::size_t digits_at(std::string_view text, std::size_t at) noexcept {
  const std::string_view rest = text.substr(std::min(at, text.size()));
  return static_cast<std::size_t>(std::ranges::find_if_not(rest, is_digit) - rest.begin());
}

constexpr std::size_t unicode_escape_size = 6;
constexpr std::uint32_t no_code_unit = 0xffffffff;

/// The UTF-16 code unit that `\u` and four hexadecimal digits at the start of the text stand for.
std::uint32_t code_unit(std::string_view text) noexcept {
  if (text.size() < unicode_escape_size || !text.starts_with("\\u")) return no_code_unit;
  std::uint32_t unit = 0;
  const char* const end = text.data() + unicode_escape_size;
  const auto [stop, error] = std::from_chars(text.data() + 2, end, unit, 16);
  return error == std::errc{} && stop == end ? unit : no_code_unit;
}

}  // namespace

std::size_t number_size(std::string_view text) noexcept {
  const std::size_t sign = text.starts_with('-') ? 1 : 0;
  const std::size_t whole = digits_at(text, sign);
  if (whole == 0) return 0;
  std::size_t size = sign + (text[sign] == '0' ? 1 : whole);
  if (size < text.size() && text[size] == '.') {
    const std::size_t fraction = digits_at(text, size + 1);
    if (fraction == 0) return size;
    size += 1 + fraction;
  }
  if (size < text.size() && (text[size] == 'e' || text[size] == 'E')) {
    const bool has_sign = size + 1 < text.size() && (text[size + 1] == '+' || text[size + 1] == '-');
    const std::size_t mark = has_sign ? 2 : 1;
    const std::size_t exponent = digits_at(text, size + mark);
    if (exponent != 0) size += mark + exponent;
  }
  return size;
}

std::size_t escape_size(std::string_view text) noexcept {
  if (text.size() < 2 || text.front() != '\\') return 0;
  switch (text[1]) {
    case '"':
    case '\\':
    case '/':
    case 'b':
    case 'f':
    case 'n':
    case 'r':
    case 't': return 2;
    default: break;
  }
  const std::uint32_t unit = code_unit(text);
  if (unit == no_code_unit || (unit >= 0xdc00 && unit <= 0xdfff)) return 0;
  if (unit < 0xd800 || unit > 0xdbff) return unicode_escape_size;
  const std::uint32_t other_half = code_unit(text.substr(unicode_escape_size));
  return other_half >= 0xdc00 && other_half <= 0xdfff ? 2 * unicode_escape_size : 0;
}

void require_json(const JsonFault& fault) {
  if (fault.reason.empty()) return;
  throw HttpError(400, "the body is not JSON: " + fault.reason + " at byte " + std::to_string(fault.offset));
}

}  // namespace chopin::json
