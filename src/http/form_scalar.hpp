#pragma once

#include <string>
#include <string_view>

#include "chopin/json_type.hpp"

namespace chopin::http {

/// Reads a decoded value of a query, form or path that is neither object nor array nor optional. False if it
/// is of another type, does not fit in, or breaks a rule.
bool read_form_scalar(std::string_view text, const json::Type& type, const json::Rules& rules, void* into);

/// What a client is told where it sent something else.
std::string form_expectation(const json::Type& type, const json::Rules& rules);

}  // namespace chopin::http
