#pragma once

#include <string>

#include "chopin/text_argument.hpp"

namespace chopin {

/// A text as one segment of a path, or as a name or value of a query or form: all bytes but letters, digits,
/// `-`, `.`, `_` and `~` become `%XX` (RFC 3986 section 2). For a Location that holds a text from the client:
///
///     "/shelves/" + chopin::percent_encoded(*shelf) + "/books/" + std::to_string(id)
///
/// A slash becomes `%2F`, which a route takes only with RouteOptions::encoded_slashes.
///
/// Thread safety: any thread.
/// Throws: std::bad_alloc.
std::string percent_encoded(TextArgument text);

}  // namespace chopin
