#include "delivery.hpp"

#include <algorithm>
#include <utility>

#include <fmt/core.h>

#include "exact_bytes.hpp"
#include "http/rejection.hpp"
#include "http/target.hpp"
#include "require.hpp"

namespace chopin::fuzz {
namespace {

using http::Rejection;
using http::RequestParser;
using http::TargetForm;
using Progress = RequestParser::Progress;

/// The size that the session's input buffer may reach (`most_input_of` in session_context.hpp): a parser that
/// wants more than that waits for ever.
std::size_t most_pending(const Limits& limits) noexcept {
  constexpr std::size_t chunk_line = 64;
  return limits.max_head + Limits::max_chunk_extensions + chunk_line;
}

bool may_stand_in_host(char c) noexcept {
  constexpr std::string_view symbols = "-._~!$&'()*+,;=%:[]";
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         symbols.find(c) != std::string_view::npos;
}

/// Whether a rejection means that the lines of a head break the syntax of RFC 9112. That of a field value may
/// also mean that a Connection field is not a list, so it is not among them.
bool blames_syntax(Rejection rejection) noexcept {
  return rejection == Rejection::request_line_malformed || rejection == Rejection::version_unsupported ||
         rejection == Rejection::http2_preface || rejection == Rejection::line_ending ||
         rejection == Rejection::field_name || rejection == Rejection::field_folded;
}

void judge_target(const RequestParser& parser) {
  const std::string_view path = parser.head().path;
  switch (parser.target_form()) {
    case TargetForm::origin:
      require(path.data() == parser.head().target.data() && path.starts_with('/'),
              "an origin form begins with its path");
      require(path == parser.head().target.substr(0, parser.head().target.find('?')),
              "the path ends at the query");
      return;
    case TargetForm::absolute:
      require(path == "/" || path == "*" || lies_inside(path, parser.head().target),
              "the path lies in the target");
      return;
    case TargetForm::authority:
      require(parser.head().method == Method::connect && path.empty(), "only CONNECT names an authority");
      return;
    case TargetForm::asterisk:
      require(parser.head().method == Method::options && path == "*", "only OPTIONS may ask for *");
      return;
    case TargetForm::malformed: require(false, "a malformed target is refused");
  }
}

}  // namespace

void Delivery::receive(std::size_t size) {
  received_ += std::min(size, stream_.size() - received_);
  while (!ended_ && serve_next()) {
  }
}

void Delivery::finish() {
  if (!ended_) end(upload_ == nullptr && pending().empty() ? "between requests" : "truncated");
}

/// False: more input is needed, or the connection has ended.
bool Delivery::serve_next() {
  if (upload_ != nullptr) return read_body(*upload_);
  if (pending().starts_with('\r')) {
    if (!skip_empty_lines()) {
      end("too many empty lines");
      return false;
    }
    if (pending() == "\r") return false;  // it may be half of another empty line
  }
  return !pending().empty() && read_head();
}

bool Delivery::skip_empty_lines() {
  while (pending().starts_with("\r\n")) {
    if (empty_lines_ == Limits::max_empty_lines) return false;
    ++empty_lines_;
    begin_ += 2;
  }
  return true;
}

bool Delivery::read_head() {
  const ExactBytes bytes(pending());
  auto parser = std::make_unique<Parser>(limits_, scratch_);
  switch (parser->parse_head(bytes.view())) {
    case Progress::incomplete: return wait_for_input();
    case Progress::rejected: reject(*parser, "head"); return false;
    case Progress::complete: break;
  }
  judge_head(*parser, bytes.view());
  empty_lines_ = 0;
  begin_ += parser->head().size;
  body_begin_ = begin_;
  note_head(*parser);
  closes_ = !parser->head().keep_alive || parser->head().method == Method::connect ||
            parser->head().method == Method::trace;
  return read_body(*parser);
}

bool Delivery::read_body(Parser& parser) {
  const ExactBytes bytes(pending());
  std::size_t consumed = 0;
  const Progress progress = parser.parse_body(bytes.view(), consumed);
  require(consumed <= bytes.view().size(), "no more is consumed than there is");
  begin_ += consumed;
  if (progress == Progress::rejected) {
    reject(parser, "body");
    return false;
  }
  if (progress == Progress::incomplete) {
    // As in the session, the parser moves to the heap once.
    if (upload_ == nullptr) upload_ = std::make_unique<Parser>(std::move(parser));
    return wait_for_input();
  }
  judge_body();
  upload_.reset();
  outcomes_.push_back(fmt::format("body from {} to {}", body_begin_, begin_));
  if (closes_) end("closed");
  return !ended_;
}

void Delivery::judge_head(const Parser& parser, std::string_view bytes) {
  require(parser.head().size <= bytes.size(), "the head lies inside the input");
  require(parser.head().size <= limits_.max_head, "a head over the limit is refused");
  strict_ =
      required(read_strict_head(stream_.substr(begin_, bytes.size())), "a head that passes is well-formed");
  require(strict_.size == parser.head().size, "the head ends at its empty line");
  require(parser.head().is_http_1_1 == strict_.is_http_1_1, "the version is the one sent");
  require(parser.head().method != Method::unknown && to_string(parser.head().method) == strict_.method,
          "the method is the one sent, and known");
  require(lies_inside(parser.head().target, bytes) && parser.head().target == strict_.target,
          "the target is the one sent");
  judge_target(parser);
  if (parser.target_form() == TargetForm::absolute) replace_host();
  judge_fields(parser, bytes.substr(0, parser.head().size));
  judge_framing(parser);
}

/// RFC 9112 section 3.2.2: the authority of the target counts.
void Delivery::replace_host() {
  std::string_view authority = strict_.target.substr(strict_.target.find("://") + 3);
  authority = authority.substr(0, authority.find_first_of("/?"));
  const auto host = std::ranges::find_if(
      strict_.fields, [](const auto& field) { return equals_lower_case(field.first, "host"); });
  if (host != strict_.fields.end()) {
    host->second = authority;
  } else {
    strict_.fields.emplace_back("Host", authority);
  }
}

void Delivery::judge_fields(const Parser& parser, std::string_view head) {
  require(parser.head().fields.size() <= limits_.max_fields, "too many fields are refused");
  require(parser.head().fields.size() == strict_.fields.size(), "every field line is a field");
  for (std::size_t i = 0; i < strict_.fields.size(); ++i) {
    const Field& field = parser.head().fields[i];
    require((lies_inside(field.name, head) || field.name == "Host") && lies_inside(field.value, head),
            "fields are views into the head");
    require(field.name == strict_.fields[i].first, "the name is the one sent");
    require(field.value == strict_.fields[i].second,
            "the value is the one sent, without white space around it");
  }
  const auto hosts = strict_.values("host");
  require(hosts.size() == 1 || (hosts.empty() && !strict_.is_http_1_1), "there is one Host");
  require(hosts.empty() || std::ranges::all_of(hosts.front(), may_stand_in_host), "the Host is well-formed");
}

/// What determines where the next request begins: an intermediary must agree with this server on it.
void Delivery::judge_framing(const Parser& parser) const {
  const auto lengths = strict_.values("content-length");
  const auto codings = strict_.values("transfer-encoding");
  require(lengths.size() + codings.size() <= 1, "there is at most one length");
  require(codings.empty() || (strict_.is_http_1_1 && equals_lower_case(codings.front(), "chunked")),
          "chunked is the only coding, and HTTP/1.0 has none");
  require(lengths.empty() || (!lengths.front().empty() &&
                              lengths.front().find_first_not_of("0123456789") == std::string_view::npos),
          "a length is digits");
  const bool has_length =
      !lengths.empty() && lengths.front().find_first_not_of('0') != std::string_view::npos;
  require(parser.has_body() == (has_length || !codings.empty()), "there is a body if the head announces one");
  require(!parser.expects_continue() || parser.has_body(), "100 (Continue) is only for a body");
  const bool keep_alive = strict_.is_http_1_1 || strict_.has_connection_option("keep-alive");
  require(parser.head().keep_alive == (keep_alive && !strict_.has_connection_option("close")),
          "the connection persists as the client asks");
}

void Delivery::judge_body() const {
  const std::size_t size = begin_ - body_begin_;
  if (!strict_.values("transfer-encoding").empty()) {
    const StrictChunks chunks =
        required(read_strict_chunks(stream_.substr(body_begin_, received_ - body_begin_)),
                 "chunks that pass are well-formed");
    require(chunks.size == size, "the body ends after its trailers");
    require(chunks.data_size <= limits_.max_body, "a counted body over the limit is refused");
    return;
  }
  std::uint64_t announced = 0;
  for (const std::string_view length : strict_.values("content-length")) {
    for (const char digit : length) announced = announced * 10 + static_cast<std::uint64_t>(digit - '0');
  }
  require(size == announced, "the body is as long as announced");
  require(announced <= limits_.max_body, "an announced body over the limit is refused");
}

void Delivery::note_head(const Parser& parser) {
  std::string outcome =
      fmt::format("head to {}: {} {} 1.{} path '{}' form {} keep-alive {} expects 100 {}", begin_,
                  to_string(parser.head().method), parser.head().target, parser.head().is_http_1_1 ? 1 : 0,
                  parser.head().path, static_cast<int>(parser.target_form()), parser.head().keep_alive,
                  parser.expects_continue());
  for (const Field& field : parser.head().fields) {
    outcome += fmt::format(" [{}: {}]", field.name, field.value);
  }
  outcomes_.push_back(std::move(outcome));
}

/// The outcome also says whether the request was HEAD: its response has no body.
void Delivery::reject(const Parser& parser, std::string_view part) {
  const Rejection rejection = parser.rejection();
  require(rejection != Rejection::none, "a rejection has a reason");
  require(!blames_syntax(rejection) || !read_strict_head(stream_.substr(begin_)),
          "a well-formed head is not blamed");
  require((rejection != Rejection::chunk_size && rejection != Rejection::chunk_end) ||
              !read_strict_chunks(stream_.substr(body_begin_)),
          "well-formed chunks are not blamed");
  const http::RejectionResponse response = http::response_to(rejection);
  require(response.status >= 400 && response.status != 500, "a rejection has an error status");
  end(fmt::format("{} rejected: {} {}, to HEAD {}", part, response.status, response.message,
                  parser.head().method == Method::head));
}

bool Delivery::wait_for_input() {
  require(pending().size() < most_pending(limits_),
          "the input that a parser waits for fits the input buffer");
  return false;
}

void Delivery::end(std::string_view how) {
  ended_ = true;
  outcomes_.push_back(fmt::format("end: {}", how));
}

}  // namespace chopin::fuzz
