#pragma once

#include <string_view>

namespace chopin::http {

/// What is wrong with a field that an answer should carry, empty where nothing is: a name that is no token, a
/// value with a control byte or white space around it (RFC 9110 section 5), a field the server itself writes.
std::string_view fault_of_field(std::string_view name, std::string_view value) noexcept;

/// Whether an answer can carry this value (RFC 9110 section 5.5).
bool is_field_value(std::string_view value) noexcept;

}  // namespace chopin::http
