#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "json/grammar.hpp"
#include "text/utf8.hpp"

namespace chopin::json {
namespace {

/// Reads a text up to its first fault. Slow: meant for texts that simdjson has already refused.
class FaultFinder {
 public:
  explicit FaultFinder(std::string_view text) noexcept : text_(text) {}

  JsonFault find() {
    if (text_.starts_with(text::byte_order_mark)) return {"a byte order mark", 0};
    while (fault_.reason.empty() && !done_) read_value();
    skip_space();
    if (fault_.reason.empty() && at_ < text_.size()) refuse("unexpected data after the value", at_);
    return std::move(fault_);
  }

 private:
  /// Reads a value and everything up to the next one.
  void read_value() {
    skip_space();
    if (at_ == text_.size()) return refuse_end();
    switch (text_[at_]) {
      case '[':
      case '{': return open();
      case '"': read_string(); break;
      case 't': read_literal("true"); break;
      case 'f': read_literal("false"); break;
      case 'n': read_literal("null"); break;
      default: read_number();
    }
    leave_value();
  }

  void open() {
    if (open_.size() == max_nesting) return refuse("nested too deeply", at_);
    open_.push_back(at_++);
    skip_space();
    if (at_ < text_.size() && text_[at_] == closing_bracket()) {
      close();
      return leave_value();
    }
    if (closing_bracket() == '}') read_key();
  }

  /// After a value: any number of closing brackets, then a comma or the end.
  void leave_value() {
    for (; fault_.reason.empty() && !open_.empty(); close()) {
      skip_space();
      if (at_ == text_.size()) return refuse_end();
      if (text_[at_] == ',') return pass_comma();
      if (text_[at_] != closing_bracket()) {
        return refuse(closing_bracket() == ']' ? "expected a comma or ]" : "expected a comma or }", at_);
      }
    }
    done_ = true;
  }

  void pass_comma() {
    ++at_;
    if (closing_bracket() == '}') read_key();
  }

  void close() {
    open_.pop_back();
    ++at_;
  }

  void read_key() {
    skip_space();
    if (at_ == text_.size()) return refuse_end();
    if (text_[at_] != '"') return refuse("expected a name in quotes", at_);
    read_string();
    if (!fault_.reason.empty()) return;
    skip_space();
    if (at_ == text_.size()) return refuse_end();
    if (text_[at_] != ':') return refuse("expected a colon", at_);
    ++at_;
  }

  void read_string() {
    const std::size_t quote = at_++;
    while (at_ < text_.size() && text_[at_] != '"') {
      const char c = text_[at_];
      if (static_cast<unsigned char>(c) < 0x20) return refuse("control character in a string", at_);
      const std::string_view rest = text_.substr(at_);
      const std::size_t size = c == '\\' ? escape_size(rest) : text::utf8_character_size(rest);
      if (size == 0) return refuse(c == '\\' ? "malformed escape" : "malformed UTF-8", at_);
      at_ += size;
    }
    if (at_ == text_.size()) return refuse("unclosed string", quote);
    ++at_;
  }

  void read_literal(std::string_view literal) {
    if (!text_.substr(at_).starts_with(literal)) return refuse("expected a value", at_);
    at_ += literal.size();
  }

  void read_number() {
    constexpr std::string_view symbols = "0123456789+-.eE";
    const std::size_t begin = at_;
    at_ += number_size(text_.substr(at_));
    // A symbol that numbers are made of, but not valid here: "01", "1.2.3".
    if (at_ < text_.size() && symbols.find(text_[at_]) != std::string_view::npos) {
      return refuse("malformed number", begin);
    }
    if (at_ == begin) refuse("expected a value", at_);
  }

  void skip_space() noexcept {
    while (at_ < text_.size() && is_space(text_[at_])) ++at_;
  }

  [[nodiscard]] char closing_bracket() const noexcept { return text_[open_.back()] == '[' ? ']' : '}'; }

  void refuse_end() {
    if (open_.empty()) return refuse("no value", at_);
    refuse(closing_bracket() == ']' ? "unclosed array" : "unclosed object", open_.back());
  }

  void refuse(const char* reason, std::size_t offset) { fault_ = {reason, offset}; }

  std::string_view text_;
  std::size_t at_ = 0;
  std::vector<std::size_t> open_;  // offsets of the brackets that are not closed yet
  JsonFault fault_;
  bool done_ = false;
};

}  // namespace

JsonFault find_fault(std::string_view text) {
  return FaultFinder(text).find();
}

}  // namespace chopin::json
