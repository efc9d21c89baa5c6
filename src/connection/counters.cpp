#include "connection/counters.hpp"

#include <string>

#include <fmt/core.h>

#include "log/log.hpp"

namespace chopin::connection {

void log_summary(const Counters& counters) {
  std::string reasons;
  for (std::size_t i = 0; i < close_reason_count; ++i) {
    if (counters.closed[i] == 0) continue;
    reasons += fmt::format(" {}={}", to_string(static_cast<CloseReason>(i)), counters.closed[i]);
  }
  log::info("served requests={} connections={} closed:{}", counters.requests, counters.connections,
            reasons.empty() ? " none" : reasons);
  const std::uint64_t cut = counters.closed_by(CloseReason::cut);
  if (cut > 0) log::warn("{} connections were cut with a request in flight", cut);
}

}  // namespace chopin::connection
