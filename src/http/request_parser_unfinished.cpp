// The part of RequestParser for heads that Beast does not complete.
#include <algorithm>
#include <string>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/verb.hpp>

#include "http/request_parser.hpp"
#include "text/characters.hpp"

namespace chopin::http {
namespace {

namespace beast = boost::beast::http;

/// The size of the well-formed field line at the start of `lines`, with its line end, if the line after it
/// begins with white space, which would continue it (RFC 9112 section 5.2). Otherwise 0.
std::size_t size_before_fold(std::string_view lines) noexcept {
  const std::size_t end = lines.find(text::crlf);
  const std::string_view line = lines.substr(0, end);
  const std::size_t name = text::span_of(line, text::character_class::token);
  if (end == std::string_view::npos || name == 0 || name == line.size() || line[name] != ':') return 0;
  if (!text::consists_of(line.substr(name), text::character_class::field_text)) return 0;
  const std::string_view next = lines.substr(end + text::crlf.size(), 1);
  return next == " " || next == "\t" ? end + text::crlf.size() : 0;
}

}  // namespace

/// Why a head that Beast has not completed is refused; `none` if it may become valid. Of its fields Beast has
/// consumed those before the first fault.
Rejection RequestParser::judge_unfinished(const error_code& ec, std::size_t consumed) {
  const bool may_be_folded = rejection_ == Rejection::none || rejection_ == Rejection::field_folded;
  if (!may_be_folded) return rejection_;
  if (!request_line_done_) return ec == beast::error::need_more ? judge_version() : rejection_for(ec);
  if (window_.substr(0, consumed).ends_with("\r\n\r\n")) {
    // The Beast of Boost 1.92 refuses transfer codings other than chunked before it calls on_header_impl.
    const Rejection rejection = judge_head();
    return rejection != Rejection::none ? rejection : rejection_for(ec);
  }
  const std::string_view rest = window_.substr(consumed);
  if (rest.empty()) return Rejection::none;
  if (rest.front() == '\n') return Rejection::line_ending;
  if (const std::size_t size = size_before_fold(rest); size != 0) {
    // The line itself may have a fault, which Beast finds only after it has joined the two.
    RequestParser unfolded(limits_, scratch_);
    const bool is_rejected = unfolded.parse_head(window_.substr(0, consumed + size)) == Progress::rejected;
    return is_rejected ? unfolded.rejection() : Rejection::field_folded;
  }
  if (ec != beast::error::need_more) return rejection_for(ec);
  // Beast wants two bytes of a line before it looks at the first.
  const bool can_begin_line = rest.front() == '\r' || text::is_in(rest.front(), text::character_class::token);
  if (!can_begin_line) return Rejection::field_name;
  return rest.ends_with(text::crlf) ? judge_last_line(rest) : Rejection::none;
}

/// The fault of a field line after which nothing has come. Beast waits for the next byte, because it may
/// continue the line; so it gets the line once more, as the last of a head.
Rejection RequestParser::judge_last_line(std::string_view line) {
  const std::string last_line = std::string(line).append(text::crlf);
  const std::string_view window = std::exchange(window_, last_line);
  const std::uint32_t field_count = field_count_;
  is_last_line_again_ = true;
  error_code ec;
  const bool is_valid = put(boost::asio::buffer(last_line), ec) == last_line.size();
  window_ = window;
  field_count_ = field_count;  // the views of this line end with the copy
  // If Beast consumed the line, its error is about the head, which has not ended.
  if (is_valid) return Rejection::none;
  return rejection_ == Rejection::none ? rejection_for(ec) : rejection_;
}

/// Beast reports junk, HTTP/1.2 and HTTP/2.0 as the same error, and waits for eight bytes before that, even
/// after a line end. `none`: the version may become one that is supported.
Rejection RequestParser::judge_version() const noexcept {
  constexpr std::string_view shape = "HTTP/d.d";
  const std::size_t method_end = std::min(window_.find(' '), window_.size());
  const std::size_t target_end = window_.find(' ', method_end + 1);
  if (target_end == std::string_view::npos) return Rejection::none;
  const std::string_view version = window_.substr(target_end + 1, shape.size());
  for (std::size_t at = 0; at < version.size(); ++at) {
    const bool fits =
        shape[at] == 'd' ? text::is_in(version[at], text::character_class::digit) : version[at] == shape[at];
    if (!fits) return Rejection::request_line_malformed;
  }
  const std::string_view end = window_.substr(target_end + 1 + version.size(), text::crlf.size());
  if (!text::crlf.starts_with(end)) return Rejection::request_line_malformed;
  if (end.size() < text::crlf.size()) return Rejection::none;
  return window_.starts_with("PRI * ") ? Rejection::http2_preface : Rejection::version_unsupported;
}

/// Whether the request line is complete, and of a version 1.2 to 1.9.
bool RequestParser::has_later_minor_version() const noexcept {
  constexpr std::string_view start = "HTTP/1.";
  const std::size_t target_end = window_.find(' ', window_.find(' ') + 1);
  const std::string_view version = window_.substr(target_end + 1, start.size() + 1 + text::crlf.size());
  return version.starts_with(start) && version.ends_with(text::crlf) &&
         version.size() > start.size() + text::crlf.size() && version[start.size()] >= '2' &&
         version[start.size()] <= '9';
}

/// Beast knows no later version than 1.1. So it gets another request line, and the fields after that.
std::size_t RequestParser::put_with_later_version(error_code& ec) {
  const std::size_t method_end = window_.find(' ');
  const std::size_t target_end = window_.find(' ', method_end + 1);
  const std::size_t line_end = window_.find('\n') + 1;
  const std::string_view method = window_.substr(0, method_end);
  const std::string_view target = window_.substr(method_end + 1, target_end - method_end - 1);
  on_request_impl(beast::string_to_verb(method), method, target, 11, ec);
  if (rejection_ != Rejection::none) return 0;
  put(boost::asio::buffer(std::string_view("GET / HTTP/1.1\r\n")), ec);
  const std::string_view fields = window_.substr(line_end);
  if (fields.empty()) return line_end;  // Asio's buffer of it would be a null pointer, which Beast adds to
  return line_end + put(boost::asio::buffer(fields), ec);
}

/// Whether an incomplete head is as large as a head may be.
Rejection RequestParser::judge_size() const noexcept {
  if (window_.size() < limits_.max_head) return Rejection::none;
  if (request_line_done_) return Rejection::head_too_large;
  // A method too long to be read is one that is not implemented (RFC 9112 section 3).
  const bool is_method = text::consists_of(window_, text::character_class::token);
  return is_method ? Rejection::method_unknown : Rejection::request_line_too_long;
}

}  // namespace chopin::http
