#pragma once

#include <string>
#include <string_view>

#include "chopin/cookie.hpp"

namespace chopin::http {

/// Why browsers would refuse the cookie or read another one; empty if nothing is wrong.
std::string_view fault_of(const Cookie& cookie) noexcept;

/// The value of Set-Cookie. The cookie must have no fault. Throws std::bad_alloc.
std::string set_cookie_value(const Cookie& cookie);

}  // namespace chopin::http
