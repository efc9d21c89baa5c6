#pragma once

#include "chopin/config.hpp"
#include "chopin/password.hpp"
#include "chopin/router.hpp"

namespace chopin::app {

/// Users: POST /api/auth/signup, login, refresh and logout, and GET /api/me. They need the service Database.
/// Without a secret for tokens that may be used (see token_keys) all of them respond with 503. Returns the
/// group /api, for routes that only users may ask.
RouteGroup add_user_routes(Router& router, const Config& config, const PasswordOptions& passwords = {});

}  // namespace chopin::app
