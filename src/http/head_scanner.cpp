#include "http/head_scanner.hpp"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>

#include "http/byte_scan.hpp"
#include "http/target.hpp"

namespace chopin::http {
namespace {

/// Whether `text`, a token or a field's value as long as `lower`, is `lower` in any case. `lower` is of
/// lower-case letters and dashes: the bit that tells the cases apart makes these of nothing else in there.
template <std::size_t Terminated>
[[gnu::always_inline]] inline bool is_word(std::string_view text, const char (&lower)[Terminated]) noexcept {
  constexpr std::size_t size = Terminated - 1;
  using Word = std::conditional_t<(size < sizeof(std::uint64_t)), std::uint32_t, std::uint64_t>;
  constexpr Word case_bits = static_cast<Word>(0x2020202020202020);
  for (std::size_t at = 0; at < size - sizeof(Word); at += sizeof(Word)) {
    if ((load<Word>(text.data() + at) | case_bits) != load<Word>(lower + at)) return false;
  }
  constexpr std::size_t last = size - sizeof(Word);
  return (load<Word>(text.data() + last) | case_bits) == load<Word>(lower + last);
}

/// Reads the head's parts from its first byte to its last. Each step moves on, or returns false where the
/// head is not plain. A step may go beyond the end of the bytes, into the slack: the next one notices.
class HeadScanner {
 public:
  HeadScanner(std::string_view bytes, const Limits& limits, ParserScratch& scratch,
              RequestHead& head) noexcept
      : scan_(bytes),
        at_(bytes.data()),
        scratch_(scratch),
        field_(scratch.fields.data()),
        fields_end_(field_ + limits.max_fields),
        head_(head) {}

  [[gnu::always_inline]] bool run() {
    if (!read_method() || !read_target() || !take(" HTTP/1.1\r\n") || at_ > scan_.end()) return false;
    while (!take("\r\n")) {
      if (!read_field()) return false;
    }
    if (at_ > scan_.end()) return false;
    head_.fields = {scratch_.fields.data(), field_};
    head_.size = static_cast<std::uint32_t>(at_ - scan_.begin());
    head_.is_http_1_1 = true;
    head_.keep_alive = !closes_;
    return host_seen_;
  }

 private:
  [[gnu::always_inline]] bool take(std::string_view text) noexcept {
    if (std::memcmp(at_, text.data(), text.size()) != 0) return false;
    at_ += text.size();
    return true;
  }

  [[gnu::always_inline]] bool read_method() noexcept {
    if (take("GET ")) [[likely]]
      head_.method = Method::get;
    else if (take("HEAD "))
      head_.method = Method::head;
    else if (take("POST "))
      head_.method = Method::post;
    else if (take("PUT "))
      head_.method = Method::put;
    else if (take("DELETE "))
      head_.method = Method::delete_;
    else if (take("PATCH "))
      head_.method = Method::patch;
    else if (take("OPTIONS "))
      head_.method = Method::options;
    else
      return false;
    return true;
  }

  [[gnu::always_inline]] bool read_target() noexcept {
    const char* const begin = at_;
    if (*at_ != '/') return false;
    at_ = scan_.skip<character_class::path>(at_);
    if (at_ >= scan_.end()) return false;
    head_.path = {begin, at_};
    if (*at_ == '?') at_ = scan_.skip<character_class::target>(at_);
    head_.target = {begin, at_};
    return true;
  }

  [[gnu::always_inline]] bool read_field() {
    const char* const name = at_;
    const char* const colon = scan_.skip<character_class::token>(at_);
    if (colon == name || colon >= scan_.end() || *colon != ':') return false;
    at_ = scan_.skip<character_class::field_text>(colon + 1);
    const char* value = colon + 1;
    const char* value_end = at_;
    if (!take("\r\n")) return false;
    if (*value == ' ') [[likely]]
      ++value;
    if (is_blank(*value) || is_blank(value_end[-1])) [[unlikely]] {
      while (value != value_end && is_blank(*value)) ++value;
      while (value != value_end && is_blank(value_end[-1])) --value_end;
    }
    if (field_ == fields_end_) return false;
    *field_ = {{name, colon}, {value, value_end}};
    return judge(*field_++);
  }

  /// Whether nobody else has to judge this field.
  [[gnu::always_inline]] bool judge(const Field& field) {
    const std::string_view name = field.name;
    switch (field.name.size()) {
      case 4: return !is_word(name, "host") || judge_host(field.value);
      case 6: return !is_word(name, "expect");
      case 7: return !is_word(name, "upgrade");
      case 10: return !is_word(name, "connection") || judge_connection(field.value);
      case 14: return !is_word(name, "content-length");
      case 16: return !is_word(name, "proxy-connection");
      case 17: return !is_word(name, "transfer-encoding");
      default: return true;
    }
  }

  [[gnu::always_inline]] bool judge_host(std::string_view value) {
    if (host_seen_) return false;
    host_seen_ = true;
    return scratch_.is_host(value);
  }

  bool judge_connection(std::string_view value) noexcept {
    if (value.size() == 5 && is_word(value, "close")) {
      closes_ = true;
      return true;
    }
    return value.size() == 10 && is_word(value, "keep-alive");
  }

  /// Of the text of a field, and of the CR behind it.
  static bool is_blank(char c) noexcept { return static_cast<unsigned char>(c) <= ' '; }

  ByteScan scan_;
  const char* at_;
  ParserScratch& scratch_;
  Field* field_;  // the next
  Field* fields_end_;
  RequestHead& head_;
  bool host_seen_ = false;
  bool closes_ = false;
};

}  // namespace

bool scan_head(std::string_view bytes, const Limits& limits, ParserScratch& scratch, RequestHead& head) {
  if (bytes.size() > scratch.most_scanned) bytes = bytes.substr(0, scratch.most_scanned);
  return !bytes.empty() && HeadScanner(bytes, limits, scratch, head).run();
}

}  // namespace chopin::http
