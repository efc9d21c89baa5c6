#pragma once

#include <string_view>

namespace chopin::http {

/// What is wrong with a field of a response, empty if nothing is: a name that is not a token, a value with a
/// control byte or surrounding white space (RFC 9110 section 5), a field the server writes itself.
std::string_view fault_of_field(std::string_view name, std::string_view value) noexcept;

/// Whether a response can carry this value (RFC 9110 section 5.5).
bool is_field_value(std::string_view value) noexcept;

}  // namespace chopin::http
