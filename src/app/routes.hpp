#pragma once

#include "chopin/config.hpp"
#include "chopin/router.hpp"

namespace chopin::app {

/// The benchmark server: its routes and its middleware.
Router benchmark_server(const Config& config);

}  // namespace chopin::app
