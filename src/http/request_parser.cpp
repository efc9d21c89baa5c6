#include "http/request_parser.hpp"

#include <cstring>
#include <functional>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/verb.hpp>

#include "http/chunked_body.hpp"
#include "http/connection_options.hpp"
#include "text/characters.hpp"

namespace chopin::http {
namespace {

namespace beast = boost::beast::http;

std::string_view to_std(boost::beast::string_view text) noexcept {
  return {text.data(), text.size()};
}

Method to_method(beast::verb verb) noexcept {
  switch (verb) {
    case beast::verb::get: return Method::get;
    case beast::verb::head: return Method::head;
    case beast::verb::post: return Method::post;
    case beast::verb::put: return Method::put;
    case beast::verb::delete_: return Method::delete_;
    case beast::verb::patch: return Method::patch;
    case beast::verb::options: return Method::options;
    case beast::verb::connect: return Method::connect;
    case beast::verb::trace: return Method::trace;
    default: return Method::unknown;
  }
}

}  // namespace

[[gnu::flatten]] RequestParser::Progress RequestParser::parse_head(std::string_view bytes) {
  const std::string_view window = bytes.substr(0, limits_.max_head);
  const std::size_t long_list = find_long_option_list(window, limits_.max_fields);
  window_ = window.substr(0, long_list + 1);  // Beast reads a line when it has the first byte of the next
  error_code ec;
  std::size_t consumed = put(boost::asio::buffer(window_), ec);
  if (ec == beast::error::bad_version && has_later_minor_version()) [[unlikely]]
    consumed = put_with_later_version(ec);
  head_.size = static_cast<std::uint32_t>(consumed);
  if (!ec) [[likely]] {
    head_.fields = {scratch_.fields.data(), field_count_};
    head_.keep_alive = keeps_alive();
    head_.body_size = body_size();
    return Progress::complete;
  }
  rejection_ = judge_unfinished(ec, consumed);
  if (rejection_ == Rejection::none && long_list < window.size()) {
    rejection_ = Rejection::connection_options_too_many;
  }
  if (rejection_ == Rejection::none) rejection_ = judge_size();
  return rejection_ == Rejection::none ? Progress::incomplete : Progress::rejected;
}

RequestParser::Progress RequestParser::parse_body(std::string_view bytes, std::size_t& consumed,
                                                  std::string* content) {
  content_ = content;
  in_body_ = true;
  consumed = 0;
  while (!is_done()) {
    if (chunk_framing_.is_after_chunk() && chunk_remaining_ == 0)
      consumed += take_plain_chunks(bytes.substr(consumed));
    window_ = bytes.substr(consumed);
    if (chunked_ && chunk_remaining_ == 0) {
      window_ = window_.substr(0, chunk_framing_.complete(window_, limits_));
      rejection_ = chunk_framing_.rejection();
      if (rejection_ != Rejection::none) return Progress::rejected;
    }
    if (window_.empty()) return Progress::incomplete;
    error_code ec;
    consumed += put(boost::asio::buffer(window_), ec);
    if (ec) {
      if (rejection_ == Rejection::none) rejection_ = rejection_for(ec);
      return Progress::rejected;
    }
  }
  return Progress::complete;
}

/// Takes what nearly all chunks look like past Beast, which needs some 570 instructions for each. To Beast
/// the end of the last one is that of the one before. Returns the size of what is taken.
std::size_t RequestParser::take_plain_chunks(std::string_view bytes) {
  std::size_t taken = 0;
  while (true) {
    std::string_view rest = bytes.substr(taken);
    if (!rest.starts_with(text::crlf)) return taken;  // which ends the chunk before
    rest.remove_prefix(text::crlf.size());
    const FramedBody chunk = read_chunk(rest);
    if (chunk.size == 0 || chunk.content.size() > most_body_ - received_) return taken;
    received_ += chunk.content.size();
    if (content_ != nullptr) content_->append(chunk.content);
    taken += chunk.size;
  }
}

std::uint64_t RequestParser::body_size() const noexcept {
  if (chunked_) return RequestHead::chunked;
  return content_length_seen_ ? *content_length() : 0;
}

void RequestParser::reject(Rejection rejection, error_code& ec) noexcept {
  rejection_ = rejection;
  ec = beast::error::bad_value;  // any error stops Beast; which one does not matter
}

/// What a Beast error means. `none`: the bytes that decide have not arrived yet.
Rejection RequestParser::rejection_for(const error_code& ec) const noexcept {
  switch (static_cast<beast::error>(ec.value())) {
    case beast::error::bad_version: return judge_version();
    case beast::error::bad_target: return Rejection::target_malformed;
    case beast::error::bad_line_ending:
      return in_body_ ? Rejection::trailer_malformed : Rejection::line_ending;
    case beast::error::bad_field: return in_body_ ? Rejection::trailer_malformed : Rejection::field_name;
    case beast::error::bad_value: return in_body_ ? Rejection::trailer_malformed : Rejection::field_value;
    case beast::error::header_limit:
      return Rejection::field_folded;  // a folded line too long for Beast's buffer
    case beast::error::bad_content_length:
      return transfer_encoding_seen_ ? Rejection::content_length_and_transfer_encoding
                                     : Rejection::content_length_malformed;
    case beast::error::multiple_content_length: return Rejection::content_length_repeated;
    case beast::error::bad_transfer_encoding:
      return content_length_seen_ ? Rejection::content_length_and_transfer_encoding
                                  : Rejection::transfer_encoding_malformed;
    case beast::error::bad_chunk: return Rejection::chunk_size;
    case beast::error::bad_chunk_extension:
    case beast::error::need_more: return Rejection::chunk_extension;  // framing is handed over complete
    default: return Rejection::request_line_malformed;
  }
}

void RequestParser::on_request_impl(beast::verb verb, string_view, string_view target, int version,
                                    error_code& ec) {
  if (request_line_done_) [[unlikely]]
    return;  // see put_with_later_version
  request_line_done_ = true;
  head_.method = to_method(verb);
  head_.target = to_std(target);
  head_.is_http_1_1 = version == 11;
  const Target parts = http::parse_target(head_.method, head_.target);
  target_form_ = parts.form;
  head_.path = parts.path;
  if (parts.form == TargetForm::malformed) reject(Rejection::target_malformed, ec);
}

void RequestParser::on_field_impl(beast::field field, string_view raw_name, string_view raw_value,
                                  error_code& ec) {
  const std::string_view name = to_std(raw_name);
  const std::string_view value = to_std(raw_value);
  if (is_folded(name, value)) {
    return reject(in_body_ ? Rejection::trailer_malformed : Rejection::field_folded, ec);
  }
  if (in_body_) return;  // trailers are checked and dropped; ChunkFraming has counted them
  if (field_count_ == limits_.max_fields) return reject(Rejection::fields_too_many, ec);
  scratch_.fields[field_count_++] = {name, value};
  switch (field) {
    case beast::field::host: return note_host(value, ec);
    case beast::field::connection: return note_connection(value);
    case beast::field::content_length: return note_content_length(value, ec);
    case beast::field::transfer_encoding: return note_transfer_encoding(value, ec);
    case beast::field::expect: return note_expect(value);
    default: return;
  }
}

/// Beast joins folded lines in a buffer of its own, or skips the line end if the first of them is empty.
bool RequestParser::is_folded(std::string_view name, std::string_view value) const noexcept {
  const char* const value_begin = value.data();
  const std::less<> before;  // the two need not point into the same bytes
  if (before(value_begin, name.data()) || before(window_.data() + window_.size(), value_begin)) return true;
  for (const char* c = name.data() + name.size() + 1; c < value_begin; ++c) {
    if (*c == '\r') return true;
  }
  return false;
}

void RequestParser::note_host(std::string_view value, error_code& ec) {
  if (host_seen_) return reject(Rejection::host_repeated, ec);
  if (!scratch_.is_host(value)) return reject(Rejection::host_malformed, ec);
  host_seen_ = true;
  host_at_ = field_count_ - 1;
}

/// Most elements of a hostile list are too short to be looked at.
void RequestParser::note_connection(std::string_view value) noexcept {
  constexpr std::string_view close = "close";
  constexpr std::string_view keep_alive = "keep-alive";
  std::size_t begin = 0;
  for (std::size_t at = 0; at <= value.size(); ++at) {
    if (at < value.size() && value[at] != ',') continue;
    if (at - begin >= close.size()) {
      const std::string_view option = text::trimmed(value.substr(begin, at - begin));
      connection_close_ |= text::equals_ignoring_case(option, close);
      connection_keep_alive_ |= text::equals_ignoring_case(option, keep_alive);
    }
    begin = at + 1;
  }
}

void RequestParser::note_content_length(std::string_view value, error_code& ec) noexcept {
  if (transfer_encoding_seen_) return reject(Rejection::content_length_and_transfer_encoding, ec);
  if (content_length_seen_) return reject(Rejection::content_length_repeated, ec);
  if (value.empty() || !text::consists_of(value, text::character_class::digit)) {
    return reject(Rejection::content_length_malformed, ec);
  }
  content_length_seen_ = true;
}

void RequestParser::note_transfer_encoding(std::string_view value, error_code& ec) noexcept {
  if (content_length_seen_) return reject(Rejection::content_length_and_transfer_encoding, ec);
  if (!head_.is_http_1_1) return reject(Rejection::transfer_encoding_in_http_1_0, ec);
  transfer_encoding_seen_ = true;
  text::for_each_element(value, [&](std::string_view coding) {
    const std::string_view name = text::trimmed(coding.substr(0, coding.find(';')));
    const bool is_chunked = text::equals_ignoring_case(name, "chunked");
    const bool has_parameters = name.size() != coding.size();
    if (chunked_ || name.empty() || !text::consists_of(name, text::character_class::token) ||
        (is_chunked && has_parameters)) {
      reject(Rejection::transfer_encoding_malformed, ec);
    } else if (is_chunked) {
      chunked_ = true;
    } else {
      transfer_coding_unknown_ = true;
    }
  });
}

void RequestParser::note_expect(std::string_view value) noexcept {
  // In an HTTP/1.0 request Expect is ignored (RFC 9110 section 10.1.1).
  if (!head_.is_http_1_1) return;
  if (text::equals_ignoring_case(value, "100-continue") && !expect_seen_) {
    expects_continue_ = true;
  } else {
    expectation_unknown_ = true;
  }
  expect_seen_ = true;
}

void RequestParser::on_header_impl(error_code& ec) {
  if (is_last_line_again_) [[unlikely]]
    return;
  const Rejection rejection = judge_head();
  if (rejection != Rejection::none) [[unlikely]]
    reject(rejection, ec);
}

/// Checks that need the whole head. What is malformed comes first, then what is not supported.
Rejection RequestParser::judge_head() noexcept {
  if (!host_seen_ && head_.is_http_1_1) return Rejection::host_missing;
  if (transfer_encoding_seen_) [[unlikely]] {
    if (transfer_coding_unknown_) return Rejection::transfer_coding_unknown;
    if (!chunked_ || !chunked()) return Rejection::transfer_encoding_malformed;
  }
  if (target_form_ == TargetForm::absolute) [[unlikely]] {
    const Rejection rejection = replace_host();
    if (rejection != Rejection::none) return rejection;
  }
  if (head_.method == Method::unknown) return Rejection::method_unknown;
  if (content_length_seen_ && *content_length() > most_body_) return Rejection::body_too_large;
  if (expectation_unknown_) return Rejection::expectation_unknown;
  return Rejection::none;
}

/// The host of an absolute target counts, not that of the Host field (RFC 9112 section 3.2.2).
Rejection RequestParser::replace_host() noexcept {
  const std::string_view host = authority_of(head_.target);
  if (host_seen_) {
    scratch_.fields[host_at_].value = host;
    return Rejection::none;
  }
  if (field_count_ == limits_.max_fields) return Rejection::fields_too_many;
  scratch_.fields[field_count_++] = {"Host", host};
  return Rejection::none;
}

std::size_t RequestParser::on_body_impl(string_view body, error_code&) {
  if (content_ != nullptr) content_->append(body.data(), body.size());
  return body.size();
}

void RequestParser::on_chunk_header_impl(std::uint64_t size, string_view, error_code& ec) {
  if (size > most_body_ - received_) return reject(Rejection::body_too_large, ec);
  received_ += size;
  chunk_remaining_ = size;
}

std::size_t RequestParser::on_chunk_body_impl(std::uint64_t, string_view body, error_code&) {
  chunk_remaining_ -= body.size();
  if (content_ != nullptr) content_->append(body.data(), body.size());
  return body.size();
}

}  // namespace chopin::http
