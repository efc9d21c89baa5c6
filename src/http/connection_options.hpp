#pragma once

#include <cstddef>
#include <string_view>

namespace chopin::http {

/// The offset of the line at which the lists in the fields Connection and Proxy-Connection come to more than
/// `most` elements in all, empty ones included; `head.size()` if there is none. `head` may end early, or go
/// on after the empty line. Throws nothing.
///
/// Beast needs some 130 instructions for each element. RFC 9110 section 5.6.1.2 asks to accept a reasonable
/// number of empty elements only; and each option names one field at most, so more options than fields are
/// unreasonable.
[[nodiscard]] std::size_t find_long_option_list(std::string_view head, std::size_t most) noexcept;

}  // namespace chopin::http
