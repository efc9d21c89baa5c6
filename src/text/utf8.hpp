#pragma once

#include <cstddef>
#include <string_view>

/// UTF-8 as the Unicode Standard defines it (table 3-7): no overlong forms, no surrogates, nothing above
/// U+10FFFF.
namespace chopin::text {

/// U+FEFF, which editors under Windows put before a text.
inline constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";

/// The size in bytes of the character at the start of the text: 1 to 4, or 0 if it is not well-formed.
std::size_t utf8_character_size(std::string_view text) noexcept;

/// The number of bytes before the first malformed one; the whole size if there is none.
std::size_t valid_utf8_prefix(std::string_view text) noexcept;

}  // namespace chopin::text
