#pragma once

#include <vector>

#include "chopin/config.hpp"
#include "chopin/middleware.hpp"

namespace chopin::app {

/// The middleware of the benchmark server, outermost first.
std::vector<Middleware> middleware(Environment environment);

}  // namespace chopin::app
