#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace chopin::http {

/// The reason phrase of a status in IANA's registry (RFC 9110 section 15), empty for any other.
std::string_view reason_phrase(std::uint16_t status) noexcept;

/// The `code` of the JSON error object for a status: the reason phrase in capitals, such as NOT_FOUND, except
/// for PAYLOAD_TOO_LARGE, VALIDATION_ERROR and INTERNAL_ERROR.
std::string error_code(std::uint16_t status);

/// Whether responses with this status never have a body (RFC 9112 section 6.3).
constexpr bool has_no_body(std::uint16_t status) noexcept {
  return status == 204 || status == 304;
}

}  // namespace chopin::http
