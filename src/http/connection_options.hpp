#pragma once

#include <cstddef>
#include <string_view>

namespace chopin::http {

/// Where the line of a request head begins with which the lists of its fields Connection and Proxy-Connection
/// have more than `most` elements together, empty ones included; `head.size()` if there is none. `head` may
/// end early, or go on after the empty line. Throws nothing.
///
/// RFC 9110 section 5.6.1.2 asks to accept a reasonable number of empty elements, and a connection option
/// names a field at most. Beast needs some 130 instructions for each element.
[[nodiscard]] std::size_t find_long_option_list(std::string_view head, std::size_t most) noexcept;

}  // namespace chopin::http
