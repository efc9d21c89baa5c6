#pragma once

#include <span>
#include <string_view>

#include "chopin/request.hpp"

namespace chopin::http {

/// Whether a Content-Type is `application/json` or has the suffix `+json` (RFC 6839 section 3.1), whatever
/// its parameters.
bool is_json(std::string_view content_type) noexcept;

/// Whether a Content-Type is `application/x-www-form-urlencoded`, whatever its parameters.
bool is_form(std::string_view content_type) noexcept;

/// Whether Content-Encoding names another coding than `identity`, so that the body is not what its media type
/// says (RFC 9110 section 8.4).
bool has_content_coding(std::span<const Field> fields) noexcept;

/// Throws HttpError 415 if the body has a content coding.
void refuse_content_coding(std::span<const Field> fields);

}  // namespace chopin::http
