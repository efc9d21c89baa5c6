#pragma once

#include <functional>

#include "connection/counters.hpp"
#include "server/launcher.hpp"

namespace chopin::server {

/// Starts the launcher's workers, blocks until they have ended, and logs a summary. The first SIGTERM or
/// SIGINT drains, the second cuts. `on_ready` is called when the workers run and signals are handled, so that
/// a signal may be sent from then on.
connection::Counters serve_until_signalled(Launcher& launcher, const std::function<void()>& on_ready);

}  // namespace chopin::server
