#pragma once

#include <string>
#include <vector>

#include "chopin/config.hpp"
#include "chopin/router.hpp"

namespace chopin::app {

/// The benchmark server: its routes and its middleware.
Router benchmark_server(const Config& config);

/// What the log should say of routes that do not work with these settings, one line each.
std::vector<std::string> start_warnings(const Config& config);

}  // namespace chopin::app
