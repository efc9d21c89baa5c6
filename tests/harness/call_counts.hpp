#pragma once

#include <atomic>
#include <cstdint>

namespace chopin::test {

/// What counting_preload.cpp counts, and lets fail, in memory shared with the test.
struct CallCounts {
  std::atomic<std::uint64_t> allocations = 0;
  std::atomic<std::int64_t> held = 0;     ///< bytes allocated and not freed
  std::atomic<std::uint64_t> reads = 0;   ///< recv(2) calls that received bytes
  std::atomic<std::uint64_t> writes = 0;  ///< send(2) calls that sent bytes
  std::atomic<bool> fail_next_allocation = false;
  std::atomic<int> allocation_to_fail = 0;  ///< 1: the next malloc; 0: none
  std::atomic<int> next_accept_error = 0;   ///< what the next accept4(2) fails with; 0: nothing
  std::atomic<int> next_watch_error = 0;    ///< the same for epoll_ctl(2) with EPOLL_CTL_ADD
};

}  // namespace chopin::test
