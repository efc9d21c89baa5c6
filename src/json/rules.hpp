#pragma once

#include <string>
#include <string_view>

#include "chopin/json_type.hpp"

namespace chopin::json {

/// Whether a text has the length and the format that the rules want, and matches their pattern. It is UTF-8.
/// Throws std::invalid_argument for a malformed pattern, std::bad_alloc.
bool fits(std::string_view text, const Rules& rules);

/// The bounds of an integer of this type under these rules, both included.
struct IntegerBounds {
  long double least;
  long double most;
};
IntegerBounds bounds_of_integer(const Type& type, const Rules& rules) noexcept;

/// What a client is told where it sent something else: "must be an integer from 1 to 99".
std::string expectation(const Type& type, const Rules& rules);

}  // namespace chopin::json
