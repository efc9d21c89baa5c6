#pragma once

#include <chrono>
#include <optional>
#include <string_view>
#include <variant>

#include "chopin/byte_buffer.hpp"
#include "chopin/token.hpp"

/// The two JSON objects of a token.
namespace chopin::auth {

/// The latest time in a token: the last second of the year 9999.
inline constexpr std::chrono::sys_seconds last_second{std::chrono::seconds(253402300799)};

/// Why a header is not accepted: its `alg` is not HS256, it has a `crit`, or its `typ` is not JWT. Other
/// members mean nothing (RFC 7515 section 4).
std::optional<TokenFault> fault_of_header(std::string_view header);

/// Claims of the right types. Does not compare times with a clock.
std::variant<Claims, TokenFault> read_claims(std::string_view payload);

void write_claims(const Claims& claims, ByteBuffer& out);

}  // namespace chopin::auth
