#include "http/head_scanner.hpp"

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>
#include <utility>

#include "http/target.hpp"
#include "text/byte_scan.hpp"
#include "text/bytes.hpp"

namespace chopin::http {
namespace {

/// Whether `text`, a token or field value as long as `lower`, equals `lower` ignoring case. `lower` consists
/// of lower-case letters and dashes: setting the case bit turns no other legal byte into one of these.
template <std::size_t Terminated>
[[gnu::always_inline]] inline bool is_word(std::string_view text, const char (&lower)[Terminated]) noexcept {
  constexpr std::size_t size = Terminated - 1;
  using Word = std::conditional_t<(size < sizeof(std::uint64_t)), std::uint32_t, std::uint64_t>;
  constexpr Word case_bits = static_cast<Word>(0x2020202020202020);
  for (std::size_t at = 0; at < size - sizeof(Word); at += sizeof(Word)) {
    if ((text::load<Word>(text.data() + at) | case_bits) != text::load<Word>(lower + at)) return false;
  }
  constexpr std::size_t last = size - sizeof(Word);
  return (text::load<Word>(text.data() + last) | case_bits) == text::load<Word>(lower + last);
}

/// Hashes a name to one of 64 bits, so that one test rules out most names that need no judging. A name in
/// lower case hashes to the bit 32 further on, because only its first letter counts.
constexpr unsigned bit_of(std::string_view name) noexcept {
  return (static_cast<unsigned char>(name.front()) + static_cast<unsigned>(name.size())) % 64;
}

constexpr std::uint64_t bits_of_judged = [] {
  std::uint64_t bits = 0;
  for (const std::string_view name : {"Host", "Expect", "Upgrade", "Connection", "Content-Length",
                                      "Proxy-Connection", "Transfer-Encoding"}) {
    const std::uint64_t bit = std::uint64_t{1} << bit_of(name);
    bits |= bit | std::rotl(bit, 32);
  }
  return bits;
}();

/// Reads the head from its first byte to its last. Each step advances, or returns false if the head is not
/// plain. A step may run past the end of the bytes, into the slack: a later one notices.
class HeadScanner {
 public:
  HeadScanner(std::string_view bytes, ParserScratch& scratch, RequestHead& head) noexcept
      : scan_(bytes),
        at_(bytes.data()),
        scratch_(scratch),
        field_(scratch.fields.data()),
        fields_end_(field_ + scratch.fields.size()),
        head_(head) {}

  [[gnu::always_inline]] bool run() {
    head_.keep_alive = true;
    head_.body_size = 0;
    if (!read_method() || !read_target() || !take(" HTTP/1.1\r\n")) return false;
    while (!take("\r\n")) {
      if (!read_field()) return false;
    }
    if (at_ > scan_.end()) return false;
    head_.fields = {scratch_.fields.data(), field_};
    head_.size = static_cast<std::uint32_t>(at_ - scan_.begin());
    head_.is_http_1_1 = true;
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
    at_ = scan_.skip<text::character_class::path>(at_);
    if (at_ >= scan_.end()) return false;
    head_.path = {begin, at_};
    if (*at_ == '?') at_ = scan_.skip<text::character_class::target>(at_);
    head_.target = {begin, at_};
    return true;
  }

  [[gnu::always_inline]] bool read_field() {
    const char* const name = at_;
    const char* const colon = scan_.skip<text::character_class::token>(at_);
    if (colon == name || colon >= scan_.end() || *colon != ':') return false;
    at_ = scan_.skip_printable(colon + 1);  // other bytes are rare and left to the parser
    const char* value = colon + 1;
    const char* value_end = at_;
    if (!take("\r\n")) return false;
    if (*value == ' ') [[likely]]
      ++value;
    if (*value == ' ' || value_end[-1] == ' ') [[unlikely]] {
      while (value < value_end && *value == ' ') ++value;
      while (value < value_end && value_end[-1] == ' ') --value_end;
    }
    if (field_ == fields_end_) return false;
    *field_ = {{name, colon}, {value, value_end}};
    return judge(*field_++);
  }

  /// False if the parser has to judge this field.
  [[gnu::always_inline]] bool judge(const Field& field) {
    const std::string_view name = field.name;
    if ((bits_of_judged >> bit_of(name) & 1) == 0) [[likely]]
      return true;
    if (name.size() == 4) [[likely]]
      return !is_word(name, "host") || judge_host(field.value);
    switch (name.size()) {
      case 6: return !is_word(name, "expect");
      case 7: return !is_word(name, "upgrade");
      case 10: return !is_word(name, "connection") || judge_connection(field.value);
      case 14: return !is_word(name, "content-length") || judge_content_length(field.value);
      case 16: return !is_word(name, "proxy-connection");
      case 17: return !is_word(name, "transfer-encoding") || judge_transfer_encoding(field.value);
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
      head_.keep_alive = false;
      return true;
    }
    return value.size() == 10 && is_word(value, "keep-alive");
  }

  bool judge_content_length(std::string_view value) noexcept {
    constexpr std::size_t most_digits = 18;  // of a number that cannot overflow
    if (std::exchange(framing_seen_, true) || value.empty() || value.size() > most_digits) return false;
    std::uint64_t size = 0;
    for (const char c : value) {
      if (c < '0' || c > '9') return false;
      size = size * 10 + static_cast<std::uint64_t>(c - '0');
    }
    head_.body_size = size;
    return size <= scratch_.most_body;
  }

  bool judge_transfer_encoding(std::string_view value) noexcept {
    if (std::exchange(framing_seen_, true) || value.size() != 7 || !is_word(value, "chunked")) return false;
    head_.body_size = RequestHead::chunked;
    return true;
  }

  text::ByteScan scan_;
  const char* at_;
  ParserScratch& scratch_;
  Field* field_;  // the next
  Field* fields_end_;
  RequestHead& head_;
  bool host_seen_ = false;
  bool framing_seen_ = false;  // Content-Length or Transfer-Encoding
};

}  // namespace

bool scan_head(std::string_view bytes, ParserScratch& scratch, RequestHead& head) {
  return HeadScanner(bytes.substr(0, scratch.most_scanned), scratch, head).run();
}

}  // namespace chopin::http
