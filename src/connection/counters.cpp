#include "connection/counters.hpp"

#include <algorithm>
#include <functional>
#include <string>

#include <fmt/core.h>

#include "log/log.hpp"

namespace chopin::connection {
namespace {

/// " idle_timeout=2 peer_closed=5"; " none" if all are 0.
template <class Kind, std::size_t Count>
std::string list(const std::array<std::uint64_t, Count>& counts) {
  std::string text;
  for (std::size_t i = 0; i < Count; ++i) {
    if (counts[i] != 0) text += fmt::format(" {}={}", to_string(static_cast<Kind>(i)), counts[i]);
  }
  return text.empty() ? " none" : text;
}

}  // namespace

Counters& Counters::operator+=(const Counters& other) noexcept {
  connections += other.connections;
  requests += other.requests;
  std::ranges::transform(rejected, other.rejected, rejected.begin(), std::plus());
  std::ranges::transform(closed, other.closed, closed.begin(), std::plus());
  return *this;
}

Counters WorkerCounters::read() const noexcept {
  Counters counters{.connections = connections.value(), .requests = requests.value()};
  std::ranges::transform(rejected_, counters.rejected.begin(), &Counter::value);
  std::ranges::transform(closed_, counters.closed.begin(), &Counter::value);
  return counters;
}

void log_summary(const Counters& counters) {
  log::info("served requests={} connections={} closed:{} rejected:{}", counters.requests,
            counters.connections, list<CloseReason>(counters.closed),
            list<http::Rejection>(counters.rejected));
  const std::uint64_t cut = counters.closed_by(CloseReason::cut);
  if (cut > 0) log::warn("{} connections were cut with a request in flight", cut);
}

}  // namespace chopin::connection
