#pragma once

#include <cstdint>
#include <string_view>

namespace chopin::http {

/// Reason phrase (RFC 9110 section 15) of a status the server sends.
constexpr std::string_view reason_phrase(std::uint16_t status) noexcept {
  switch (status) {
    case 200: return "OK";
    case 204: return "No Content";
    case 400: return "Bad Request";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 408: return "Request Timeout";
    case 413: return "Content Too Large";
    case 414: return "URI Too Long";
    case 417: return "Expectation Failed";
    case 431: return "Request Header Fields Too Large";
    case 501: return "Not Implemented";
    case 505: return "HTTP Version Not Supported";
    default: return "Internal Server Error";
  }
}

/// The `code` of the JSON error object for a status.
constexpr std::string_view error_code(std::uint16_t status) noexcept {
  switch (status) {
    case 400: return "BAD_REQUEST";
    case 404: return "NOT_FOUND";
    case 405: return "METHOD_NOT_ALLOWED";
    case 408: return "REQUEST_TIMEOUT";
    case 413: return "PAYLOAD_TOO_LARGE";
    case 414: return "URI_TOO_LONG";
    case 417: return "EXPECTATION_FAILED";
    case 431: return "REQUEST_HEADER_FIELDS_TOO_LARGE";
    case 501: return "NOT_IMPLEMENTED";
    case 505: return "HTTP_VERSION_NOT_SUPPORTED";
    default: return "INTERNAL_ERROR";
  }
}

}  // namespace chopin::http
