#pragma once

#include "server/counters.hpp"
#include "server/launcher.hpp"

namespace chopin::server {

/// Starts the launcher's workers and blocks until they have ended: SIGTERM or SIGINT drains, a second one
/// cuts.
Counters serve_until_signalled(Launcher& launcher);

}  // namespace chopin::server
