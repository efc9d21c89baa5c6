#pragma once

#include <functional>

#include "server/launcher.hpp"
#include "server/stop_request.hpp"
#include "server/stop_sequence.hpp"

namespace chopin::server {

/// Starts the launcher's workers, and blocks until they have ended or are given up after signals or a request
/// to stop: see StopSequence and system::StopSignals. `on_ready` is called when the workers run and signals
/// are handled, so that a signal may be sent from then on. Returns `ended`, `overdue` or `hurried`. Throws
/// what `Launcher::start` and `on_ready` throw.
StopState serve_until_signalled(Launcher& launcher, StopRequest& request,
                                const std::function<void()>& on_ready);

}  // namespace chopin::server
