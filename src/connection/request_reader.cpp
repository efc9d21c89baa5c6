#include "connection/request_reader.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "text/characters.hpp"

namespace chopin::connection {

using http::Rejection;
using Progress = http::RequestParser::Progress;

namespace {

/// `bytes` ends with a line end.
std::string_view last_line(std::string_view bytes) noexcept {
  return bytes.substr(bytes.substr(0, bytes.size() - 1).rfind('\n') + 1);
}

/// The parser refuses every other line after the first, but for the empty one, which ends the head.
bool is_like_a_field(std::string_view line) noexcept {
  const std::size_t colon = line.find(':');
  return colon != 0 && colon != std::string_view::npos && line.ends_with("\r\n") &&
         text::consists_of(line.substr(0, colon), text::character_class::token);
}

}  // namespace

RequestReader::Read RequestReader::parse_head() {
  if (!skip_empty_lines()) return refuse(Rejection::empty_lines_too_many);
  const std::string_view bytes = input_.bytes();
  const bool may_be_empty_line = bytes == "\r";
  if (bytes.empty() || may_be_empty_line || (examined_ != 0 && !can_end_head())) return Read::needs_input;
  http::RequestParser& parser = context_.burst.parser.emplace(context_.limits, context_.burst.parsers);
  const Progress progress = parser.parse_head(bytes);
  if (progress == Progress::rejected) return refuse(parser.rejection());
  if (progress == Progress::incomplete) {
    examined_ = scanned_ = static_cast<std::uint32_t>(bytes.size());
    return Read::needs_input;
  }
  take_head(parser.head().size);
  return parser.has_body() ? Read::body_begins : Read::request;
}

RequestReader::Read RequestReader::begin_body(const RequestRoute& route, std::uint64_t most) {
  http::RequestParser& parser = context_.burst.last_parser();
  parser.limit_body(most);
  const http::RequestHead& head = parser.head();
  const bool wants_body = route.wants_body(head.method);
  const std::uint64_t announced = head.body_size;  // the largest number if it is chunked
  std::string& body = context_.burst.body;
  body.clear();
  const std::string_view head_bytes = bytes_from(head).substr(0, head.size);
  std::size_t consumed = 0;
  const Progress progress = parser.parse_body(input_.bytes(), consumed, wants_body ? &body : nullptr);
  input_.consume(consumed);
  if (progress == Progress::complete) return Read::request;
  if (progress == Progress::rejected) return refuse(parser.rejection());
  upload_ = std::make_unique<Upload>(Upload{.parser = std::move(parser),
                                            .head = std::string(head_bytes),
                                            .body = std::make_shared<std::string>(std::move(body)),
                                            .wants_body = wants_body,
                                            .most = std::min(most, announced),
                                            .pace = Pace(context_.limits),
                                            .route = {},
                                            .path = {},
                                            .params = {}});
  upload_->keep(route, context_.burst.params);
  state_ = State::in_body;
  return Read::needs_input;
}

RequestReader::Read RequestReader::continue_body() {
  Upload& upload = *upload_;
  upload.make_room(input_.bytes().size());
  std::size_t consumed = 0;
  const Progress progress =
      upload.parser.parse_body(input_.bytes(), consumed, upload.wants_body ? upload.body.get() : nullptr);
  input_.consume(consumed);
  upload.progress(consumed);
  if (progress == Progress::incomplete) return Read::needs_input;
  if (progress == Progress::rejected) return refuse(upload.parser.rejection());
  context_.burst.parser.emplace(context_.limits, context_.burst.parsers).parse_head(upload.head);
  return Read::request;
}

std::unique_ptr<Upload> RequestReader::take_upload() noexcept {
  state_ = State::between_requests;
  return std::move(upload_);
}

// ---- Bodies in parts. ----

void RequestReader::begin_parts(std::uint64_t most) {
  http::RequestParser& parser = context_.burst.last_parser();
  parser.limit_body(most);
  const http::RequestHead& head = parser.head();
  const std::string_view head_bytes = bytes_from(head).substr(0, head.size);
  const std::uint64_t remaining = head.body_size;
  upload_ = std::make_unique<Upload>(Upload{.parser = std::move(parser),
                                            .head = std::string(head_bytes),
                                            .body = std::make_shared<std::string>(),
                                            .wants_body = true,
                                            .is_in_parts = true,
                                            .remaining = remaining,
                                            .pace = Pace(context_.limits),
                                            .route = {},
                                            .path = {},
                                            .params = {}});
  state_ = State::in_body;
  input_.keep_in_place(true);
}

RequestReader::Part RequestReader::next_part(std::string_view& bytes) {
  Upload& upload = *upload_;
  input_.consume(std::exchange(upload.held, 0));
  if (rejection_ != Rejection::none) return Part::rejected;
  if (upload.remaining != http::RequestHead::chunked) {
    if (upload.remaining == 0) return end_parts();
    bytes = input_.bytes().substr(0, upload.remaining);
    upload.held = bytes.size();
    upload.remaining -= bytes.size();
    upload.progress(bytes.size());
  } else {
    upload.body->clear();
    std::size_t consumed = 0;
    const Progress progress = upload.parser.parse_body(input_.bytes(), consumed, upload.body.get());
    input_.consume(consumed);
    upload.progress(consumed);
    if (progress == Progress::rejected) {
      refuse(upload.parser.rejection());
      return Part::rejected;
    }
    if (progress == Progress::complete) upload.remaining = 0;
    bytes = *upload.body;
    if (bytes.empty() && progress == Progress::complete) return end_parts();
  }
  return bytes.empty() ? Part::needs_input : Part::bytes;
}

RequestReader::Part RequestReader::end_parts() noexcept {
  upload_.reset();
  state_ = State::between_requests;
  input_.keep_in_place(false);
  return Part::ended;
}

// ---- Details. ----

/// False if there are too many.
bool RequestReader::skip_empty_lines() noexcept {
  while (input_.bytes().starts_with("\r\n")) {
    if (empty_lines_ == Limits::max_empty_lines) return false;
    ++empty_lines_;
    input_.consume(2);
    examined_ = 0;
  }
  return true;
}

/// Whether it makes sense to parse an incomplete head again, from its first byte. For a large head from a
/// slow client that would take quadratic time. So a tiny one is parsed after every read, a small one when a
/// line has ended, and a larger one only when it has ended or doubled. Each is parsed when a limit is
/// crossed, or something has come that the parser certainly refuses. The bytes are looked at once.
bool RequestReader::can_end_head() noexcept {
  constexpr std::size_t tiny = 1024;
  constexpr std::size_t small = 8192;
  const std::string_view bytes = input_.bytes();
  const std::size_t begin = std::exchange(scanned_, static_cast<std::uint32_t>(bytes.size()));
  const auto crosses = [&](std::size_t limit) { return examined_ < limit && bytes.size() >= limit; };
  if (bytes.size() <= tiny || crosses(context_.limits.max_head)) return true;
  bool line_has_ended = false;
  for (std::size_t at = begin; at < bytes.size(); ++at) {
    if (text::is_in(bytes[at], text::character_class::field_text) || bytes[at] == '\r') continue;
    if (bytes[at] != '\n' || !is_like_a_field(last_line(bytes.substr(0, at + 1)))) return true;
    line_has_ended = true;
  }
  return line_has_ended && (bytes.size() <= small || bytes.size() / 2 >= examined_);
}

/// An incomplete head that was not parsed again (see can_end_head) may be malformed by now. The rejection
/// must not depend on how the head was split, so it is parsed once more.
RequestReader::Read RequestReader::refuse_truncated() {
  if (examined_ != 0) {
    http::RequestParser& parser = context_.burst.parser.emplace(context_.limits, context_.burst.parsers);
    if (parser.parse_head(input_.bytes()) == Progress::rejected) return refuse(parser.rejection());
  }
  return refuse(Rejection::truncated);
}

std::span<const Field> RequestReader::begun_fields() {
  http::RequestParser& parser = context_.burst.parser.emplace(context_.limits, context_.burst.parsers);
  parser.parse_head(upload_ != nullptr ? std::string_view(upload_->head) : input_.bytes());
  return parser.fields_so_far();
}

bool RequestReader::is_head_request() const noexcept {
  if (upload_ != nullptr) return upload_->parser.head().method == Method::head;
  return input_.bytes().starts_with("HEAD ");
}

}  // namespace chopin::connection
