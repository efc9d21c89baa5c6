#pragma once

#include <cstddef>
#include <string_view>

/// RFC 8259 read strictly, to check the JSON reader. Shares no code with it.
namespace chopin::fuzz {

/// Whether the text is one value of JSON in UTF-8, no deeper than `max_depth`, and without unpaired
/// surrogates.
bool is_strict_json(std::string_view text, std::size_t max_depth);

/// Whether the text is UTF-8: RFC 3629.
bool is_strict_utf8(std::string_view text);

}  // namespace chopin::fuzz
