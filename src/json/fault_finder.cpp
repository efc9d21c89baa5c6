#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "chopin/json.hpp"
#include "json/grammar.hpp"
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

/// What numbers are made of. A table takes two instructions.
constexpr auto number_symbols = [] {
  std::array<bool, 256> symbols{};
  for (const char c : std::string_view("0123456789+-.eE")) symbols[static_cast<unsigned char>(c)] = true;
  return symbols;
}();

constexpr bool is_number_symbol(char c) noexcept {
  return number_symbols[static_cast<unsigned char>(c)];
}

/// What needs no look at what follows it in a string: ASCII that is no quote, backslash or control character.
constexpr bool is_plain_ascii(char c) noexcept {
  return static_cast<unsigned char>(c) - 0x20U < 0x60U && c != '"' && c != '\\';
}

/// The size of a character that is not ASCII. Most have two bytes.
inline std::size_t character_size(std::string_view text) noexcept {
  const auto byte = [text](std::size_t at) { return static_cast<unsigned char>(text[at]); };
  if (text.size() >= 2 && byte(0) - 0xc2U < 0x1eU && byte(1) - 0x80U < 0x40U) return 2;
  return text::utf8_character_size(text);
}

/// Reads a text up to the first place where it is not JSON. Allocates nothing, and costs 1 to 40 instructions
/// for each byte, whatever the text.
class FaultFinder {
 public:
  // NOLINTNEXTLINE(*-member-init): of the brackets only those that are open are read
  explicit FaultFinder(std::string_view text) noexcept : text_(text) {}

  /// The reason is empty if nothing is wrong.
  JsonFault find();

 private:
  /// What is read next.
  enum class Next : std::uint8_t {
    value,
    value_or_end,  // of the array
    name,
    name_or_end,  // of the object
    colon,
    comma_or_end,
    rest_of_name,
    rest_of_string,
    nothing,
  };

  // `c` is the next byte.
  void read_token(char c) noexcept;
  void read_value(char c) noexcept;
  void read_name(char c) noexcept;
  void read_colon(char c) noexcept;
  void read_comma_or_end(char c) noexcept;
  void begin_string(Next rest) noexcept;
  void read_rest_of_string(Next after) noexcept;
  bool passes_integer() noexcept;
  [[gnu::noinline]] void read_literal(std::string_view literal) noexcept;
  [[gnu::noinline]] void read_number() noexcept;
  void open(char bracket) noexcept;
  void close() noexcept;
  void end_value() noexcept;

  void skip_space() noexcept {
    while (at_ < text_.size() && is_space(text_[at_])) ++at_;
  }
  [[nodiscard]] bool is_in_array() const noexcept { return text_[open_[depth_ - 1]] == '['; }
  [[gnu::noinline]] void refuse_end() noexcept;
  [[gnu::noinline]] void refuse(const char* reason, std::size_t at) noexcept;

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t string_begin_ = 0;
  const char* reason_ = nullptr;
  std::size_t fault_at_ = 0;
  std::size_t depth_ = 0;
  Next next_ = Next::value;
  std::array<std::uint32_t, max_nesting> open_;  // where the brackets are that are not closed yet
};

// ---- The hot path, from the bottom up: all is inlined in `find`. bench/run bytes watches it. ----

[[gnu::always_inline]] inline void FaultFinder::end_value() noexcept {
  next_ = depth_ == 0 ? Next::nothing : Next::comma_or_end;
}

[[gnu::always_inline]] inline void FaultFinder::open(char bracket) noexcept {
  if (depth_ == max_nesting) return refuse("nested too deeply", at_);
  next_ = bracket == '[' ? Next::value_or_end : Next::name_or_end;
  open_[depth_++] = static_cast<std::uint32_t>(at_++);
}

[[gnu::always_inline]] inline void FaultFinder::close() noexcept {
  --depth_;
  ++at_;
  end_value();
}

[[gnu::always_inline]] inline void FaultFinder::begin_string(Next rest) noexcept {
  string_begin_ = at_++;
  next_ = rest;
}

[[gnu::always_inline]] inline void FaultFinder::read_rest_of_string(Next after) noexcept {
  while (at_ < text_.size()) {
    const char c = text_[at_];
    if (is_plain_ascii(c)) {
      at_ += std::max(plain_words(text_.substr(at_)), std::size_t{1});
      continue;
    }
    if (c == '"') {
      ++at_;
      next_ = after;
      if (after == Next::comma_or_end) end_value();
      return;
    }
    if (static_cast<unsigned char>(c) < 0x20) return refuse("control character in a string", at_);
    const std::string_view rest = text_.substr(at_);
    const std::size_t size = c == '\\' ? escape_size(rest) : character_size(rest);
    if (size == 0) return refuse(c == '\\' ? "malformed escape" : "malformed UTF-8", at_);
    at_ += size;
  }
}

/// An integer of a few digits, as most numbers are. Others, and what is none, are left to `read_number`.
[[gnu::always_inline]] inline bool FaultFinder::passes_integer() noexcept {
  std::size_t at = at_;
  if (text_[at] == '0') return false;
  while (at < text_.size() && is_digit(text_[at])) ++at;
  if (at == at_ || (at < text_.size() && is_number_symbol(text_[at]))) return false;
  at_ = at;
  end_value();
  return true;
}

[[gnu::always_inline]] inline void FaultFinder::read_value(char c) noexcept {
  switch (c) {
    case '[':
    case '{': return open(c);
    case '"': return begin_string(Next::rest_of_string);
    case 't': return read_literal("true");
    case 'f': return read_literal("false");
    case 'n': return read_literal("null");
    default: break;
  }
  if (passes_integer()) return;
  if (is_space(c)) return skip_space();
  read_number();
}

[[gnu::always_inline]] inline void FaultFinder::read_comma_or_end(char c) noexcept {
  const bool is_array = is_in_array();
  if (c == ',') {
    ++at_;
    next_ = is_array ? Next::value : Next::name;
    if (is_array && at_ < text_.size()) passes_integer();  // most lists of short tokens are of numbers
  } else if (c == (is_array ? ']' : '}')) {
    close();
  } else if (is_space(c)) {
    skip_space();
  } else {
    refuse(is_array ? "expected a comma or ]" : "expected a comma or }", at_);
  }
}

[[gnu::always_inline]] inline void FaultFinder::read_name(char c) noexcept {
  if (c == '"') return begin_string(Next::rest_of_name);
  if (is_space(c)) return skip_space();
  refuse("expected a name in quotes", at_);
}

[[gnu::always_inline]] inline void FaultFinder::read_colon(char c) noexcept {
  if (is_space(c)) return skip_space();
  if (c != ':') return refuse("expected a colon", at_);
  ++at_;
  next_ = Next::value;
}

[[gnu::always_inline]] inline void FaultFinder::read_token(char c) noexcept {
  switch (next_) {
    case Next::rest_of_string: return read_rest_of_string(Next::comma_or_end);
    case Next::rest_of_name: return read_rest_of_string(Next::colon);
    case Next::value_or_end:
      if (c == ']') return close();
      [[fallthrough]];
    case Next::value: return read_value(c);
    case Next::name_or_end:
      if (c == '}') return close();
      [[fallthrough]];
    case Next::name: return read_name(c);
    case Next::colon: return read_colon(c);
    case Next::comma_or_end: return read_comma_or_end(c);
    case Next::nothing: break;
  }
  if (is_space(c)) return skip_space();
  refuse("unexpected data after the value", at_);
}

JsonFault FaultFinder::find() {
  if (text_.starts_with(text::byte_order_mark)) refuse("a byte order mark", 0);
  while (at_ < text_.size() && reason_ == nullptr) read_token(text_[at_]);
  if (reason_ == nullptr && next_ != Next::nothing) refuse_end();
  return reason_ == nullptr ? JsonFault{} : JsonFault{reason_, fault_at_};
}

// ---- What is rare. ----

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

}  // namespace

JsonFault find_fault(std::string_view text) {
  constexpr std::size_t most_counted = UINT32_MAX;
  if (text.size() > most_counted) return {"longer than 4 GiB", 0};
  return FaultFinder(text).find();
}

}  // namespace chopin::json
