#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "chopin/response.hpp"

namespace chopin::http {

/// Why a request is refused before routing, or a connection before its first request. Each has one prebuilt
/// response, and each ends the connection.
enum class Rejection : std::uint8_t {
  none,
  request_line_malformed,
  target_malformed,
  path_encoding_malformed,
  path_encoding_ambiguous,
  path_above_root,
  http2_preface,
  empty_lines_too_many,
  line_ending,
  field_name,
  field_value,
  field_folded,
  host_missing,
  host_repeated,
  host_malformed,
  content_length_malformed,
  content_length_repeated,
  content_length_and_transfer_encoding,
  transfer_encoding_in_http_1_0,
  transfer_encoding_malformed,
  chunk_size,
  chunk_extension,
  chunk_extensions_too_long,
  chunk_end,
  trailer_malformed,
  truncated,
  timed_out,
  body_too_large,
  request_line_too_long,
  expectation_unknown,
  head_too_large,
  fields_too_many,
  connection_options_too_many,
  trailers_too_large,
  transfer_coding_unknown,
  method_unknown,
  version_unsupported,
  memory_short,
  address_full,
  address_too_fast,
};

inline constexpr std::size_t rejection_count = static_cast<std::size_t>(Rejection::address_too_fast) + 1;

/// As logs and metrics have it.
constexpr std::string_view to_string(Rejection rejection) noexcept {
  constexpr std::array<std::string_view, rejection_count> names{
      "none",
      "request_line_malformed",
      "target_malformed",
      "path_encoding_malformed",
      "path_encoding_ambiguous",
      "path_above_root",
      "http2_preface",
      "empty_lines_too_many",
      "line_ending",
      "field_name",
      "field_value",
      "field_folded",
      "host_missing",
      "host_repeated",
      "host_malformed",
      "content_length_malformed",
      "content_length_repeated",
      "content_length_and_transfer_encoding",
      "transfer_encoding_in_http_1_0",
      "transfer_encoding_malformed",
      "chunk_size",
      "chunk_extension",
      "chunk_extensions_too_long",
      "chunk_end",
      "trailer_malformed",
      "truncated",
      "timed_out",
      "body_too_large",
      "request_line_too_long",
      "expectation_unknown",
      "head_too_large",
      "fields_too_many",
      "connection_options_too_many",
      "trailers_too_large",
      "transfer_coding_unknown",
      "method_unknown",
      "version_unsupported",
      "memory_short",
      "address_full",
      "address_too_fast",
  };
  return names[static_cast<std::size_t>(rejection)];
}

struct RejectionResponse {
  std::uint16_t status;
  std::string_view message;
};

/// When a client may try again that was refused for want of room, in seconds (RFC 9110 section 10.2.3).
inline constexpr std::string_view retry_after = "1";

/// The status (RFC 9110 section 15) and the error message that the client gets.
RejectionResponse response_to(Rejection rejection) noexcept;
/// The same as an error response; a 429 or 503 with Retry-After. Throws std::bad_alloc.
void write_rejection(Rejection rejection, Response& response);

}  // namespace chopin::http
