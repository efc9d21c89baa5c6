#include "http/response_writer.hpp"

#include <array>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <limits>

#include "http/status.hpp"

namespace chopin::http {
namespace {

constexpr std::size_t most_digits = std::numeric_limits<std::size_t>::digits10 + 1;

/// Room for everything but content type, field lines and body.
constexpr std::size_t most_framing_bytes = 256;

template <class Block>
[[gnu::always_inline]] inline void copy_ends(std::string_view text, char* out) noexcept {
  const char* const in = text.data();
  const std::size_t last = text.size() - sizeof(Block);
  Block first_block{};
  Block last_block{};
  std::memcpy(&first_block, in, sizeof(Block));
  std::memcpy(&last_block, in + last, sizeof(Block));
  std::memcpy(out, &first_block, sizeof(Block));
  std::memcpy(out + last, &last_block, sizeof(Block));
}

/// Costs no call for constants and for what two blocks cover, which may overlap.
[[gnu::always_inline]] inline char* put(char* out, std::string_view text) noexcept {
  using Word = std::uint64_t;
  using Words = std::array<Word, 2>;
  const std::size_t size = text.size();
  const bool is_constant = __builtin_constant_p(size) != 0;
  if (!is_constant && size >= sizeof(Words) && size <= 2 * sizeof(Words)) {
    copy_ends<Words>(text, out);
  } else if (!is_constant && size >= sizeof(Word) && size <= 2 * sizeof(Word)) {
    copy_ends<Word>(text, out);
  } else if (size > 0) {
    std::memcpy(out, text.data(), size);
  }
  return out + size;
}

[[gnu::always_inline]] inline char* put_number(char* out, std::size_t number) noexcept {
  if (number < 10 || number > 99) [[unlikely]]
    return std::to_chars(out, out + most_digits, number).ptr;
  const auto both = static_cast<std::uint8_t>(number);
  out[0] = static_cast<char>('0' + both / 10);
  out[1] = static_cast<char>('0' + both % 10);
  return out + 2;
}

[[gnu::noinline]] char* put_rare_status(char* out, std::uint16_t status) noexcept {
  out = put_number(put(out, "HTTP/1.1 "), status);
  out = put(out, " ");
  return put(out, reason_phrase(status));
}

/// Everything in front of `Server`, the last line without its CR LF.
[[gnu::always_inline]] inline char* put_start(char* out, const Response& response,
                                              std::size_t content_size) noexcept {
  const std::uint16_t status = response.status();
  if (status == 200 && response.is_json()) [[likely]] {
    out = put(out, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ");
    return put_number(out, content_size);
  }
  out = status == 200 ? put(out, "HTTP/1.1 200 OK") : put_rare_status(out, status);
  if (has_no_body(status)) return out;
  if (!response.content_type().empty() && status != 205) {
    out = put(out, "\r\nContent-Type: ");
    out = put(out, response.content_type());
  }
  return put_number(put(out, "\r\nContent-Length: "), content_size);
}

}  // namespace

std::string_view content_of(const Response& response) noexcept {
  const std::uint16_t status = response.status();
  if (status == 200) [[likely]]
    return response.body();
  return has_no_body(status) || status == 205 ? std::string_view() : response.body();
}

std::size_t ResponseWriter::most_bytes() const noexcept {
  return most_framing_bytes + response.content_type().size() + response.field_lines().size() +
         response.body().size();
}

char* ResponseWriter::write(char* out) const noexcept {
  const std::string_view body = content_of(response);
  out = put_start(out, response, body.size());
  if (response.field_lines().empty()) {
    out = put(out, "\r\nServer: chopin\r\nDate: ");
  } else {
    out = put(out, "\r\nServer: chopin\r\n");
    out = put(out, response.field_lines());
    out = put(out, "Date: ");
  }
  out = put(out, date.text());
  out = put(out, "\r\n");
  if (persistence != Persistence::keep_alive) [[unlikely]]
    out = put(out, connection_field(persistence));
  out = put(out, "\r\n");
  return head_only ? out : put(out, body);
}

}  // namespace chopin::http
