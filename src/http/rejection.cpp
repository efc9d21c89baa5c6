#include "http/rejection.hpp"

namespace chopin::http {

RejectionResponse response_to(Rejection rejection) noexcept {
  switch (rejection) {
    case Rejection::none: break;
    case Rejection::request_line_malformed: return {400, "malformed request line"};
    case Rejection::target_malformed: return {400, "malformed request target"};
    case Rejection::path_encoding_malformed: return {400, "malformed percent-encoding in the path"};
    case Rejection::path_encoding_ambiguous:
      return {400, "encoded slash, backslash or control byte in the path"};
    case Rejection::path_above_root: return {400, "dot segments lead out of the root"};
    case Rejection::http2_preface: return {400, "HTTP/2 is not spoken on this port"};
    case Rejection::empty_lines_too_many: return {400, "too many empty lines before the request line"};
    case Rejection::line_ending: return {400, "a line must end in CR LF"};
    case Rejection::field_name: return {400, "malformed field name"};
    case Rejection::field_value: return {400, "malformed field value"};
    case Rejection::field_folded: return {400, "folded field line"};
    case Rejection::host_missing: return {400, "HTTP/1.1 requires a Host field"};
    case Rejection::host_repeated: return {400, "more than one Host field"};
    case Rejection::host_malformed: return {400, "malformed Host field"};
    case Rejection::content_length_malformed: return {400, "malformed Content-Length"};
    case Rejection::content_length_repeated: return {400, "more than one Content-Length"};
    case Rejection::content_length_and_transfer_encoding:
      return {400, "Content-Length together with Transfer-Encoding"};
    case Rejection::transfer_encoding_in_http_1_0: return {400, "Transfer-Encoding in an HTTP/1.0 request"};
    case Rejection::transfer_encoding_malformed:
      return {400, "Transfer-Encoding must end in chunked, once and last"};
    case Rejection::chunk_size: return {400, "malformed chunk size"};
    case Rejection::chunk_extension: return {400, "malformed chunk extension"};
    case Rejection::chunk_extensions_too_long: return {400, "chunk extensions over the limit"};
    case Rejection::chunk_end: return {400, "chunk data must end in CR LF"};
    case Rejection::trailer_malformed: return {400, "malformed trailer section"};
    case Rejection::truncated: return {400, "the request ended early"};
    case Rejection::timed_out: return {408, "the request took too long"};
    case Rejection::body_too_large: return {413, "request body over the limit"};
    case Rejection::request_line_too_long: return {414, "request line over the limit"};
    case Rejection::expectation_unknown: return {417, "only 100-continue can be expected"};
    case Rejection::head_too_large: return {431, "request head over the limit"};
    case Rejection::fields_too_many: return {431, "more header fields than the limit"};
    case Rejection::connection_options_too_many:
      return {431, "more connection options than the limit of header fields"};
    case Rejection::trailers_too_large: return {431, "trailer section over the limit"};
    case Rejection::transfer_coding_unknown: return {501, "unknown transfer coding"};
    case Rejection::method_unknown: return {501, "unknown method"};
    case Rejection::memory_short: return {503, "the server is short of memory; try again"};
    case Rejection::address_full:
      return {503, "this address has as many connections as it may have; try again"};
    case Rejection::address_too_fast: return {429, "this address sends more requests than it may; try again"};
    case Rejection::version_unsupported: return {505, "only version 1 of HTTP is spoken"};
  }
  return {500, "internal error"};
}

void write_rejection(Rejection rejection, Response& response) {
  const RejectionResponse refusal = response_to(rejection);
  response.error(refusal.status, refusal.message);
  if (refusal.status == 429 || refusal.status == 503) response.field("Retry-After", retry_after);
}

}  // namespace chopin::http
