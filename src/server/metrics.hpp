#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

#include "chopin/router.hpp"
#include "connection/counters.hpp"

namespace chopin::server {

/// What `/metrics` shows: counts since the start, and how things are now.
struct Metrics {
  connection::Counters counters;
  std::size_t open_connections = 0;
  std::size_t max_connections = 0;
  std::uint64_t used_memory = 0;  ///< in bytes, like `max_memory`; as measured last, see MemoryWatch
  std::uint64_t max_memory = 0;
};

/// In Prometheus' text format, version 0.0.4. Throws std::bad_alloc.
[[nodiscard]] std::string to_prometheus(const Metrics& metrics);

/// Adds GET `/metrics`. `measure` is called for each request, on the thread of its worker. Throws
/// std::invalid_argument if there is such a route.
[[nodiscard]] Router with_metrics(Router router, std::function<Metrics()> measure);

}  // namespace chopin::server
