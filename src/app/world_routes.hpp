#pragma once

#include "chopin/router.hpp"

namespace chopin::app {

/// TechEmpower's tests of a database: /db, /queries, /updates, /fortunes and /cached-queries. They need the
/// services Database and RandomWorlds.
void add_world_routes(Router& router);

}  // namespace chopin::app
