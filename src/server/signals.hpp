#pragma once

#include <functional>

#include "connection/counters.hpp"
#include "server/launcher.hpp"

namespace chopin::server {

/// Starts the launcher's workers and blocks until they have ended, which is summed up in the log: SIGTERM or
/// SIGINT drains, a second one cuts. `on_ready` is called when that holds: who is told that the server runs
/// may signal it at once.
connection::Counters serve_until_signalled(Launcher& launcher, const std::function<void()>& on_ready);

}  // namespace chopin::server
