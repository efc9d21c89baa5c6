#pragma once

#include <string>

#include "chopin/middleware.hpp"
#include "chopin/token.hpp"
#include "chopin/user.hpp"

namespace chopin::middleware {

/// Lets only requests with a valid bearer token pass (RFC 6750 section 2.1). Handlers and later layers find
/// its user as `request.user()`:
///
///     auto account = router.group("/account", {chopin::middleware::bearer(keys, "nobody else's account")});
///     account.get("/", [](const chopin::Request& request, chopin::Response& response) {
///       response.text(request.user().id);
///     });
///
/// The token is read from the one Authorization field; the scheme's case does not matter. All others get 401
/// with WWW-Authenticate, which says `invalid_token` if there were credentials of this scheme, or several
/// fields. The log says at debug why a token is refused; it never holds a token.
///
/// A guard that asks a database is a layer with `before_later` after this one, or one that calls
/// `request.set_user` itself.
///
/// Thread safety: all workers may call it at once.
/// Lifetime: owns the keys.
/// Throws: std::bad_alloc.
Middleware bearer(TokenKeys keys, std::string reason);

/// Lets only users with this role pass, others get 403. Belongs behind a guard: without a user the response
/// is a 500.
///
/// Thread safety: all workers may call it at once.
/// Lifetime: owns the role.
/// Throws: std::bad_alloc.
Middleware role(const std::string& role, std::string reason);

}  // namespace chopin::middleware
