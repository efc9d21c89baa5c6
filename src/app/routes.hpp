#pragma once

#include "chopin/fast_route.hpp"

namespace chopin::app {

/// The routes of the benchmark server.
FastRouteTable benchmark_routes();

}  // namespace chopin::app
