#include "strict_json.hpp"

#include <cstdint>
#include <string>

namespace chopin::fuzz {
namespace {

/// Takes tokens from the start of a text. Each function returns whether the token was there.
class Tokens {
 public:
  explicit Tokens(std::string_view text) : rest_(text) {}

  bool at_end() {
    skip_space();
    return rest_.empty();
  }

  bool take(char c) {
    skip_space();
    return take_next(c);
  }

  bool take_string() {
    if (!take('"')) return false;
    while (!take_next('"')) {
      if (rest_.empty() || (rest_.front() >= 0 && rest_.front() < 0x20)) return false;
      if (take_next('\\')) {
        if (!take_escape()) return false;
      } else {
        rest_.remove_prefix(1);
      }
    }
    return true;
  }

  bool take_scalar() {
    skip_space();
    if (rest_.starts_with('"')) return take_string();
    return take_word("true") || take_word("false") || take_word("null") || take_number();
  }

 private:
  void skip_space() {
    while (take_next(' ') || take_next('\t') || take_next('\n') || take_next('\r')) {
    }
  }

  bool take_next(char c) {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }

  bool take_word(std::string_view word) {
    if (!rest_.starts_with(word)) return false;
    rest_.remove_prefix(word.size());
    return true;
  }

  bool take_digits() {
    const std::size_t before = rest_.size();
    while (!rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9') rest_.remove_prefix(1);
    return rest_.size() != before;
  }

  bool take_number() {
    take_next('-');
    if (!take_next('0') && !take_digits()) return false;
    if (take_next('.') && !take_digits()) return false;
    if (take_next('e') || take_next('E')) {
      if (!take_next('+')) take_next('-');
      return take_digits();
    }
    return true;
  }

  bool take_escape() {
    if (!take_next('u')) {
      if (rest_.empty() || std::string_view("\"\\/bfnrt").find(rest_.front()) == std::string_view::npos)
        return false;
      rest_.remove_prefix(1);
      return true;
    }
    std::uint32_t unit = 0;
    if (!take_hex(unit) || (unit & 0xfc00) == 0xdc00) return false;
    if ((unit & 0xfc00) != 0xd800) return true;
    return take_word("\\u") && take_hex(unit) && (unit & 0xfc00) == 0xdc00;
  }

  bool take_hex(std::uint32_t& unit) {
    constexpr std::string_view lower = "0123456789abcdef";
    constexpr std::string_view upper = "0123456789ABCDEF";
    unit = 0;
    for (int i = 0; i < 4; ++i) {
      if (rest_.empty()) return false;
      std::size_t digit = lower.find(rest_.front());
      if (digit == std::string_view::npos) digit = upper.find(rest_.front());
      if (digit == std::string_view::npos) return false;
      unit = unit * 16 + static_cast<std::uint32_t>(digit);
      rest_.remove_prefix(1);
    }
    return true;
  }

  std::string_view rest_;
};

}  // namespace

bool is_strict_json(std::string_view text, std::size_t max_depth) {
  if (!is_strict_utf8(text)) return false;
  Tokens tokens(text);
  std::string open;  // the closing brackets to come
  const auto take_name = [&] { return tokens.take_string() && tokens.take(':'); };
  for (;;) {
    // A value...
    if (tokens.take('[')) {
      open += ']';
      if (open.size() > max_depth) return false;
      if (!tokens.take(']')) continue;
      open.pop_back();
    } else if (tokens.take('{')) {
      open += '}';
      if (open.size() > max_depth) return false;
      if (!tokens.take('}')) {
        if (!take_name()) return false;
        continue;
      }
      open.pop_back();
    } else if (!tokens.take_scalar()) {
      return false;
    }
    // ...and what is between it and the next.
    while (!open.empty() && tokens.take(open.back())) open.pop_back();
    if (open.empty()) return tokens.at_end();
    if (!tokens.take(',') || (open.back() == '}' && !take_name())) return false;
  }
}

bool is_strict_utf8(std::string_view text) {
  constexpr std::uint32_t least[] = {0, 0x80, 0x800, 0x10000};
  for (std::size_t at = 0; at < text.size();) {
    const auto lead = static_cast<unsigned char>(text[at++]);
    const std::size_t more = lead < 0x80             ? 0
                             : (lead & 0xe0) == 0xc0 ? 1
                             : (lead & 0xf0) == 0xe0 ? 2
                             : (lead & 0xf8) == 0xf0 ? 3
                                                     : 4;
    if (more == 4 || text.size() - at < more) return false;
    std::uint32_t code = more == 0 ? lead : lead & (0x3fU >> more);
    for (std::size_t i = 0; i < more; ++i) {
      const auto next = static_cast<unsigned char>(text[at++]);
      if ((next & 0xc0) != 0x80) return false;
      code = code << 6 | (next & 0x3fU);
    }
    if (code < least[more] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return false;
  }
  return true;
}

}  // namespace chopin::fuzz
