#include "json/fault_finder.hpp"

#include <algorithm>
#include <cstring>

#include "text/utf8.hpp"

namespace chopin::json {
namespace {

/// The number of plain bytes of a string at the start of the text, rounded down to whole words: ASCII that is
/// no quote, backslash or control character.
std::size_t plain_words(std::string_view text) noexcept {
  constexpr std::uint64_t ones = 0x0101010101010101;
  constexpr std::uint64_t high_bits = ones << 7;
  std::size_t size = 0;
  for (std::uint64_t word = 0; text.size() - size >= sizeof word; size += sizeof word) {
    std::memcpy(&word, text.data() + size, sizeof word);
    const std::uint64_t quotes = (word ^ (ones * '"')) - ones;
    const std::uint64_t backslashes = (word ^ (ones * '\\')) - ones;
    const std::uint64_t controls = word - ones * ' ';
    if (((quotes | backslashes | controls | word) & high_bits) != 0) break;
  }
  return size;
}

/// What numbers are made of.
constexpr bool is_number_symbol(char c) noexcept {
  return (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.' || c == 'e' || c == 'E';
}

}  // namespace

FaultFinder::FaultFinder(std::string_view text) noexcept : text_(text) {
  if (text.starts_with(text::byte_order_mark)) refuse("a byte order mark", 0);
}

bool FaultFinder::read(std::size_t size) noexcept {
  if (reason_ != nullptr) return false;
  limit_ = at_ + std::min(size, text_.size() - at_);
  while (at_ < limit_ && reason_ == nullptr) read_token();
  if (reason_ != nullptr) return false;
  if (at_ < text_.size()) return true;
  if (next_ != Next::nothing) refuse_end();
  return false;
}

void FaultFinder::read_token() noexcept {
  if (next_ == Next::rest_of_string) return read_rest_of_string(Next::comma_or_end);
  if (next_ == Next::rest_of_name) return read_rest_of_string(Next::colon);
  if (is_space(text_[at_])) return skip_space();
  switch (next_) {
    case Next::value_or_end:
      if (text_[at_] == ']') return close();
      return read_value();
    case Next::value: return read_value();
    case Next::name_or_end:
      if (text_[at_] == '}') return close();
      return read_name();
    case Next::name: return read_name();
    case Next::colon: return read_colon();
    case Next::comma_or_end: return read_comma_or_end();
    default: return refuse("unexpected data after the value", at_);
  }
}

void FaultFinder::read_value() noexcept {
  switch (text_[at_]) {
    case '[':
    case '{': return open();
    case '"': return read_string(Next::rest_of_string);
    case 't': return read_literal("true");
    case 'f': return read_literal("false");
    case 'n': return read_literal("null");
    default: return read_number();
  }
}

void FaultFinder::open() noexcept {
  if (depth_ == max_nesting) return refuse("nested too deeply", at_);
  next_ = text_[at_] == '[' ? Next::value_or_end : Next::name_or_end;
  open_[depth_++] = static_cast<std::uint32_t>(at_++);
}

void FaultFinder::close() noexcept {
  --depth_;
  ++at_;
  end_value();
}

void FaultFinder::read_comma_or_end() noexcept {
  const char c = text_[at_];
  if (c == ',') {
    ++at_;
    next_ = is_in_array() ? Next::value : Next::name;
  } else if (is_closing(c)) {
    close();
  } else {
    refuse(is_in_array() ? "expected a comma or ]" : "expected a comma or }", at_);
  }
}

void FaultFinder::read_name() noexcept {
  if (text_[at_] != '"') return refuse("expected a name in quotes", at_);
  read_string(Next::rest_of_name);
}

void FaultFinder::read_colon() noexcept {
  if (text_[at_] != ':') return refuse("expected a colon", at_);
  ++at_;
  next_ = Next::value;
}

void FaultFinder::read_string(Next rest) noexcept {
  string_begin_ = at_++;
  next_ = rest;
}

/// May stop anywhere in the string but within a character or an escape.
void FaultFinder::read_rest_of_string(Next after) noexcept {
  while (at_ < limit_) {
    at_ += plain_words(text_.substr(at_, limit_ - at_));
    if (at_ == limit_) return;
    const char c = text_[at_];
    if (c == '"') {
      ++at_;
      next_ = after;
      if (after == Next::comma_or_end) end_value();
      return;
    }
    if (static_cast<unsigned char>(c) < 0x20) return refuse("control character in a string", at_);
    const std::string_view rest = text_.substr(at_);
    const std::size_t size = c == '\\' ? escape_size(rest) : text::utf8_character_size(rest);
    if (size == 0) return refuse(c == '\\' ? "malformed escape" : "malformed UTF-8", at_);
    at_ += size;
  }
}

void FaultFinder::read_literal(std::string_view literal) noexcept {
  if (!text_.substr(at_).starts_with(literal)) return refuse("expected a value", at_);
  at_ += literal.size();
  end_value();
}

void FaultFinder::read_number() noexcept {
  const std::size_t begin = at_;
  at_ += number_size(text_.substr(at_));
  // A symbol that numbers are made of, but not valid here: "01", "1.2.3".
  if (at_ < text_.size() && is_number_symbol(text_[at_])) return refuse("malformed number", begin);
  if (at_ == begin) return refuse("expected a value", at_);
  end_value();
}

/// The text ends too early.
void FaultFinder::refuse_end() noexcept {
  if (next_ == Next::rest_of_string || next_ == Next::rest_of_name) {
    return refuse("unclosed string", string_begin_);
  }
  if (depth_ == 0) return refuse("no value", at_);
  refuse(is_in_array() ? "unclosed array" : "unclosed object", open_[depth_ - 1]);
}

void FaultFinder::refuse(const char* reason, std::size_t at) noexcept {
  reason_ = reason;
  fault_at_ = at;
}

JsonFault find_fault(std::string_view text) {
  constexpr std::size_t most_bytes = UINT32_MAX;
  if (text.size() > most_bytes) return {"longer than 4 GiB", 0};
  FaultFinder finder(text);
  while (finder.read(text.size())) {
  }
  return finder.fault();
}

}  // namespace chopin::json
