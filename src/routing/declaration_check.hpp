#pragma once

#include <string>
#include <vector>

#include "chopin/declaration.hpp"
#include "chopin/middleware.hpp"

namespace chopin::routing {

/// The outermost layer of a declared route where ENVIRONMENT is test: a response that is not declared becomes
/// a 500 that says what is wrong. Errors of the server (5xx) need no declaration. `route`: for messages.
/// `layers`: the other ones of the route, which declare errors too. `declaration` must outlive the result.
Middleware declaration_check(const Declaration& declaration, const std::vector<const Middleware*>& layers,
                             std::string route);

}  // namespace chopin::routing
