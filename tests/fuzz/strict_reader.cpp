#include "strict_reader.hpp"

#include <algorithm>

namespace chopin::fuzz {
namespace {

constexpr std::string_view crlf = "\r\n";

bool is_alphanumeric(char c) noexcept {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_tchar(char c) noexcept {
  constexpr std::string_view symbols = "!#$%&'*+-.^_`|~";
  return is_alphanumeric(c) || symbols.find(c) != std::string_view::npos;
}

bool is_token(std::string_view text) noexcept {
  return !text.empty() && std::ranges::all_of(text, is_tchar);
}

/// No control byte but HTAB; the bytes above ASCII are obs-text.
bool is_field_text(std::string_view text) noexcept {
  return std::ranges::all_of(text, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte == '\t' || (byte >= 0x20 && byte != 0x7f);
  });
}

bool is_visible_ascii(std::string_view text) noexcept {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7f; });
}

std::string_view without_white_space(std::string_view text) noexcept {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

/// Removes the text up to a separator, and the separator, from the front.
std::optional<std::string_view> take_until(std::string_view separator, std::string_view& text) noexcept {
  const std::size_t at = text.find(separator);
  if (at == std::string_view::npos) return std::nullopt;
  const std::string_view taken = text.substr(0, at);
  text.remove_prefix(at + separator.size());
  return taken;
}

bool read_request_line(std::string_view line, StrictHead& head) {
  const auto method = take_until(" ", line);
  const auto target = take_until(" ", line);
  if (!method || !target || !is_token(*method) || !is_visible_ascii(*target)) return false;
  constexpr std::string_view version =
      "HTTP/1.";  // a later minor version is read as 1.1: RFC 9110 section 2.5
  if (line.size() != version.size() + 1 || !line.starts_with(version)) return false;
  if (line.back() < '0' || line.back() > '9') return false;
  head.method = *method;
  head.target = *target;
  head.is_http_1_1 = line.back() != '0';
  return true;
}

std::optional<std::uint64_t> read_hexadecimal(std::string_view digits) noexcept {
  if (digits.empty() || digits.size() > 16) return std::nullopt;
  std::uint64_t number = 0;
  for (const char c : digits) {
    constexpr std::string_view all = "0123456789abcdef";
    const std::size_t digit = all.find(c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c);
    if (digit == std::string_view::npos) return std::nullopt;
    number = number * 16 + digit;
  }
  return number;
}

std::optional<std::uint64_t> read_chunk_size(std::string_view line) noexcept {
  const std::size_t digits = std::min(line.find_first_of("; \t"), line.size());
  const std::string_view extensions = without_white_space(line.substr(digits));
  if (!is_field_text(line)) return std::nullopt;
  if (digits < line.size() && !extensions.starts_with(';')) return std::nullopt;
  return read_hexadecimal(line.substr(0, digits));
}

}  // namespace

bool equals_lower_case(std::string_view text, std::string_view lower_case) noexcept {
  return std::ranges::equal(text, lower_case, [](char c, char lower) {
    return c == lower || (c >= 'A' && c <= 'Z' && c - 'A' + 'a' == lower);
  });
}

std::vector<std::string_view> StrictHead::values(std::string_view name) const {
  std::vector<std::string_view> found;
  for (const auto& [field_name, value] : fields) {
    if (equals_lower_case(field_name, name)) found.push_back(value);
  }
  return found;
}

bool StrictHead::has_connection_option(std::string_view option) const {
  for (std::string_view list : values("connection")) {
    while (const auto element = take_until(",", list)) {
      if (equals_lower_case(without_white_space(*element), option)) return true;
    }
    if (equals_lower_case(without_white_space(list), option)) return true;
  }
  return false;
}

/// A folded line begins with white space, and so is refused: no name may.
bool read_strict_fields(std::string_view& text, StrictHead& head) {
  while (const auto line = take_until(crlf, text)) {
    if (line->empty()) return true;
    std::string_view value = *line;
    const auto name = take_until(":", value);
    if (!name || !is_token(*name) || !is_field_text(value)) return false;
    head.fields.emplace_back(*name, without_white_space(value));
  }
  return false;
}

std::optional<std::uint64_t> read_strict_length(std::string_view digits) noexcept {
  constexpr std::uint64_t most = UINT64_MAX;
  if (digits.empty()) return std::nullopt;
  std::uint64_t number = 0;
  for (const char c : digits) {
    if (c < '0' || c > '9') return std::nullopt;
    const auto digit = static_cast<std::uint64_t>(c - '0');
    if (number > (most - digit) / 10) return std::nullopt;
    number = number * 10 + digit;
  }
  return number;
}

std::optional<StrictHead> read_strict_head(std::string_view bytes) {
  StrictHead head;
  std::string_view rest = bytes;
  const auto line = take_until(crlf, rest);
  if (!line || !read_request_line(*line, head)) return std::nullopt;
  head.request_line_size = bytes.size() - rest.size();
  if (!read_strict_fields(rest, head)) return std::nullopt;
  head.size = bytes.size() - rest.size();
  return head;
}

std::optional<StrictChunks> read_strict_chunks(std::string_view bytes, std::string* data) {
  StrictChunks chunks;
  std::string_view rest = bytes;
  for (;;) {
    const auto line = take_until(crlf, rest);
    const auto size = line ? read_chunk_size(*line) : std::nullopt;
    if (!size) return std::nullopt;
    if (*size == 0) break;
    if (data != nullptr) data->append(rest.substr(0, *size));
    if (*size > rest.size() || !rest.substr(*size).starts_with(crlf)) return std::nullopt;
    rest.remove_prefix(*size + crlf.size());
    chunks.data_size += *size;
  }
  StrictHead trailers;
  if (!read_strict_fields(rest, trailers)) return std::nullopt;
  chunks.size = bytes.size() - rest.size();
  return chunks;
}

}  // namespace chopin::fuzz
