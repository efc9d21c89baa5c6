#pragma once

#include "chopin/router.hpp"

namespace chopin::app {

/// The notes of users: a resource to copy. `api` is the group /api with a guard.
void add_note_routes(RouteGroup api);

}  // namespace chopin::app
