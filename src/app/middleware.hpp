#pragma once

#include <vector>

#include "chopin/config.hpp"
#include "chopin/middleware.hpp"

namespace chopin::app {

/// What every answer of the benchmark server's router passes, outermost first.
std::vector<Middleware> middleware(Environment environment);

}  // namespace chopin::app
