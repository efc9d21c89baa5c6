#pragma once

#include <cstddef>
#include <string_view>

/// UTF-8 as the Unicode Standard has it (table 3-7): nothing overlong, no surrogates, nothing above U+10FFFF.
namespace chopin::text {

/// How many bytes the character at the start of the text has: 1 to 4, or 0 where none is well-formed.
std::size_t utf8_character_size(std::string_view text) noexcept;

/// How many bytes at the start of the text are well-formed: all of them, or those before the first fault.
std::size_t valid_utf8_prefix(std::string_view text) noexcept;

}  // namespace chopin::text
