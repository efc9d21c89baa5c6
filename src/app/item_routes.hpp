#pragma once

#include "chopin/router.hpp"

namespace chopin::app {

/// HttpArena's tests of a database: /async-db and /crud/items. They need the service Database.
void add_item_routes(Router& router);

}  // namespace chopin::app
