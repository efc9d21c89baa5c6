#include "connection/counters.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <deque>
#include <exception>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/core.h>

namespace chopin::connection {
namespace {

/// Adds those that are not 0, such as closed.idle_timeout. `names` keeps their names.
template <class Kind, std::size_t Count>
void add(std::vector<LogField>& fields, std::deque<std::string>& names, std::string_view prefix,
         const std::array<std::uint64_t, Count>& counts) {
  for (std::size_t i = 0; i < Count; ++i) {
    if (counts[i] == 0) continue;
    const std::string& name =
        names.emplace_back(fmt::format("{}.{}", prefix, to_string(static_cast<Kind>(i))));
    fields.emplace_back(name, counts[i]);
  }
}

}  // namespace

Counters& Counters::operator+=(const Counters& other) noexcept {
  connections += other.connections;
  requests += other.requests;
  handler_timeouts += other.handler_timeouts;
  late_responses += other.late_responses;
  refused += other.refused;
  std::ranges::transform(memory_stages, other.memory_stages, memory_stages.begin(), std::plus());
  std::ranges::transform(rejected, other.rejected, rejected.begin(), std::plus());
  std::ranges::transform(closed, other.closed, closed.begin(), std::plus());
  rounds += other.rounds;
  return *this;
}

Counters WorkerCounters::read() const noexcept {
  Counters counters{.connections = connections.value(),
                    .requests = requests.value(),
                    .handler_timeouts = handler_timeouts.value(),
                    .late_responses = late_responses.value(),
                    .refused = refused.value()};
  std::ranges::transform(memory_stages_, counters.memory_stages.begin(), &Counter::value);
  std::ranges::transform(rejected_, counters.rejected.begin(), &Counter::value);
  std::ranges::transform(closed_, counters.closed.begin(), &Counter::value);
  return counters;
}

void log_summary(const Log& log, const Counters& counters) noexcept {
  const std::array totals{LogField("requests", counters.requests),
                          LogField("connections", counters.connections)};
  try {
    std::vector<LogField> fields(totals.begin(), totals.end());
    if (counters.handler_timeouts > 0) fields.emplace_back("handler_timeouts", counters.handler_timeouts);
    if (counters.late_responses > 0) fields.emplace_back("late_responses", counters.late_responses);
    if (counters.refused > 0) fields.emplace_back("refused", counters.refused);
    std::deque<std::string> names;
    add<MemoryStage>(fields, names, "memory", counters.memory_stages);
    add<CloseReason>(fields, names, "closed", counters.closed);
    add<http::Rejection>(fields, names, "rejected", counters.rejected);
    log.write(LogLevel::info, "served", fields);
  } catch (const std::exception&) {
    log.write(LogLevel::info, "served", totals);  // out of memory
  }
  const auto& rounds = counters.rounds;
  log.debug("rounds of the event loops, one in 64",
            {{"measured", rounds.rounds},
             {"over_1_ms", rounds.long_rounds},
             {"longest_us", std::chrono::duration_cast<std::chrono::microseconds>(rounds.longest).count()}});
  const std::uint64_t cut = counters.closed_by(CloseReason::cut);
  if (cut > 0) log.warn("connections were cut with a request in flight", {{"connections", cut}});
}

}  // namespace chopin::connection
