#pragma once

#include <string>
#include <string_view>

/// Tokens made and judged with OpenSSL's HMAC and libsodium's base64. Shares no code with what it checks.
namespace chopin::auth {

std::string strict_base64url(std::string_view bytes);

/// The token of any header and any claims.
std::string signed_token(std::string_view header, std::string_view payload, std::string_view secret);

/// Adds the signature that the secret gives a text, whatever it is.
std::string with_signature(const std::string& text, std::string_view secret);

/// Whether a token is what its header and payload are written as, with the signature of the secret.
bool is_strict_token(std::string_view token, std::string_view secret);

/// The bytes of a part of a token; empty if it is not base64url.
std::string strict_bytes(std::string_view part);

}  // namespace chopin::auth
