#include "http/head_scanner.hpp"

#include <algorithm>
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
  return (static_cast<unsigned char>(*name.data()) + static_cast<unsigned>(name.size())) % 64;
}

constexpr std::uint64_t bits_of_judged = [] {
  std::uint64_t bits = 0;
  for (const std::string_view name : {"Host", "Expect", "Upgrade", "Connection", "Content-Length",
                                      "Proxy-Connection", "Transfer-Encoding"}) {
    const std::uint64_t bit = std::uint64_t{1} << bit_of(name);
    bits |= bit | std::rotl(bit, 32);
  }
  bits |= std::uint64_t{1} << ':' % 64;  // no name, which is not plain
  return bits;
}();

/// What `body_size_of` returns if the parser has to judge the field.
constexpr std::uint64_t unknown_size = RequestHead::chunked - 1;

/// What Content-Length or Transfer-Encoding says. Out of line, because most requests have neither.
[[gnu::noinline]] std::uint64_t body_size_of(const Field& framing, std::uint64_t most) noexcept {
  const std::string_view value = framing.value;
  if (framing.name.size() == std::string_view("Transfer-Encoding").size()) {
    return value.size() == 7 && is_word(value, "chunked") ? RequestHead::chunked : unknown_size;
  }
  constexpr std::size_t most_digits = 18;  // of a number that cannot overflow
  if (value.empty() || value.size() > most_digits) return unknown_size;
  std::uint64_t size = 0;
  for (const char c : value) {
    if (c < '0' || c > '9') return unknown_size;
    size = size * 10 + static_cast<std::uint64_t>(c - '0');
  }
  return size <= most ? size : unknown_size;
}

/// What remains to be judged of most heads with a body, and of those with another Host than the last one.
[[gnu::noinline]] bool judge_rest(ParserScratch& scratch, RequestHead& head) {
  if (scratch.framing != nullptr) head.body_size = body_size_of(*scratch.framing, scratch.most_body);
  return head.body_size != unknown_size && scratch.is_host(scratch.host->value);
}

/// Reads the head from its first byte to its last. Each step advances, or returns false if the head is not
/// plain. A step may run past the end of the bytes, into the slack: a later one notices.
class HeadScanner {
 public:
  HeadScanner(std::string_view bytes, ParserScratch& scratch, RequestHead& head) noexcept
      : begin_(bytes.data()),
        end_(begin_ + std::min(bytes.size(), scratch.most_scanned)),
        at_(begin_),
        scratch_(scratch),
        field_(scratch.fields.data()),
        head_(head) {}

  [[gnu::always_inline]] bool run() {
    head_.is_http_1_1 = true;
    head_.keep_alive = true;
    head_.body_size = 0;
    scratch_.host = scratch_.framing = nullptr;
    if (!read_method() || !read_target() || !take(" HTTP/1.1\r\n") || !read_fields()) return false;
    head_.fields = {scratch_.fields.data(), field_};
    head_.size = static_cast<std::uint32_t>(at_ - begin_);
    if (scratch_.host == nullptr || head_.fields.size() > scratch_.most_fields) return false;
    if (scratch_.framing == nullptr && scratch_.is_known_host(scratch_.host->value)) [[likely]]
      return true;
    return judge_rest(scratch_, head_);  // the only call, after the last use of vector registers
  }

 private:
  [[gnu::always_inline]] bool take(std::string_view text) noexcept {
    if (!comes_at(at_, text)) return false;
    at_ += text.size();
    return true;
  }

  [[gnu::always_inline]] static bool comes_at(const char* at, std::string_view text) noexcept {
    return std::memcmp(at, text.data(), text.size()) == 0;
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
    if (*begin != '/') [[unlikely]]
      return read_asterisk();
    auto [path, size] = text::ByteScan::count_target(begin);
    for (std::size_t part = size; part == text::ByteScan::block && begin + size < end_;) [[unlikely]] {
      const auto next = text::ByteScan::count_target(begin + size);
      if (path == size) path += next.path;
      part = next.size;
      size += part;
    }
    head_.path = {begin, path};
    head_.target = {begin, size};
    at_ = begin + size;
    return true;
  }

  /// Of OPTIONS (RFC 9112 section 3.2.4).
  bool read_asterisk() noexcept {
    if (head_.method != Method::options || *at_ != '*') return false;
    head_.path = head_.target = {at_++, 1};
    return true;
  }

  /// To the end of the head.
  [[gnu::always_inline]] bool read_fields() {
    const text::ByteScan scan;
    for (; at_ < end_; ++field_) {
      if (!read_field(scan)) [[unlikely]]
        return take("\r\n") && at_ <= end_;
      if (!judge(*field_)) return false;
    }
    return false;
  }

  /// False if there is no plain field, and then nothing is read.
  [[gnu::always_inline]] bool read_field(const text::ByteScan& scan) {
    const char* const name = at_;
    std::size_t name_size = scan.count_letters(name);
    const char* value = name + name_size + 2;
    if (!comes_at(name + name_size, ": ")) [[unlikely]] {
      if (*name == '\r') return false;
      while (name + name_size < end_ && text::is_in(name[name_size], text::character_class::token)) {
        ++name_size;
      }
      if (name[name_size] != ':') return false;
      value = name + name_size + 1;
    }
    const char* value_end = value + scan.count_printable(value);
    if (!comes_at(value_end, "\r\n")) {
      std::size_t part = 0;
      do {
        part = scan.count_printable(value_end);
        value_end += part;
      } while (part == text::ByteScan::block && value_end < end_);
      if (!comes_at(value_end, "\r\n")) return false;
    }
    at_ = value_end + 2;
    if (*value == ' ' || value_end[-1] == ' ') [[unlikely]] {
      while (value < value_end && *value == ' ') ++value;
      while (value < value_end && value_end[-1] == ' ') --value_end;
    }
    *field_ = {{name, name_size}, {value, value_end}};
    return true;
  }

  /// False if the field affects the server in a way that only the parser judges.
  [[gnu::always_inline]] bool judge(const Field& field) {
    const std::string_view name = field.name;
    if ((bits_of_judged >> bit_of(name) & 1) == 0) [[likely]]
      return true;
    if (name.size() == 4) [[likely]]
      return !is_word(name, "host") || note_host(field);
    switch (name.size()) {
      case 0: return false;
      case 6: return !is_word(name, "expect");
      case 7: return !is_word(name, "upgrade");
      case 10: return !is_word(name, "connection") || judge_connection(field.value);
      case 14: return !is_word(name, "content-length") || note_framing(field);
      case 16: return !is_word(name, "proxy-connection");
      case 17: return !is_word(name, "transfer-encoding") || note_framing(field);
      default: return true;
    }
  }

  [[gnu::always_inline]] bool note_host(const Field& field) noexcept {
    return std::exchange(scratch_.host, &field) == nullptr;
  }

  bool judge_connection(std::string_view value) noexcept {
    if (value.size() == 5 && is_word(value, "close")) {
      head_.keep_alive = false;
      return true;
    }
    return value.size() == 10 && is_word(value, "keep-alive");
  }

  [[gnu::always_inline]] bool note_framing(const Field& field) noexcept {
    return std::exchange(scratch_.framing, &field) == nullptr;
  }

  const char* begin_;
  const char* end_;
  const char* at_;
  ParserScratch& scratch_;
  Field* field_;  // the next; there is room for as many as fit in the bytes that are scanned
  RequestHead& head_;
};

}  // namespace

bool scan_head(std::string_view bytes, ParserScratch& scratch, RequestHead& head) {
  return HeadScanner(bytes, scratch, head).run();
}

}  // namespace chopin::http
