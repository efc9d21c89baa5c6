#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "load_client/histogram.hpp"
#include "load_client/schedule.hpp"

namespace load {

enum class Fault : std::uint8_t { cannot_connect, ended_early, malformed, unexpected_bytes, no_response };

inline constexpr std::array<const char*, 5> fault_names{
    "cannot connect", "connection ended early", "malformed response", "unexpected bytes", "no response"};

/// What has been measured. Only statuses, faults, connections and `all_responses` count the warm-up too.
struct Tally {
  Histogram latency;  // from when a request was due, in a closed loop from when it was sent
  Histogram lag;      // of the client: how late it sent to connections that had nothing else to do
  Histogram round;    // for how long it did not look at its sockets
  std::array<std::uint64_t, 600> statuses{};  // by code
  std::array<std::uint64_t, fault_names.size()> faults{};
  std::uint64_t opened = 0;      // connections
  std::uint64_t ended_idle = 0;  // by the server
  std::uint64_t all_responses = 0;
  std::uint64_t unsent = 0;  // due, but their connections were busy until the end
  Time start = 0;
  Time measured_from = 0;
  Time end = 0;  // of the schedule, or later: of the last response
};

}  // namespace load
