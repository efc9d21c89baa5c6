#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "connection/close_reason.hpp"
#include "http/rejection.hpp"

namespace chopin::connection {

/// What one worker or all of them have counted at one moment.
struct Counters {
  std::uint64_t connections = 0;  ///< accepted
  std::uint64_t requests = 0;     ///< responded to by a route, 404 and 405 included
  std::array<std::uint64_t, http::rejection_count> rejected{};
  std::array<std::uint64_t, close_reason_count> closed{};

  [[nodiscard]] std::uint64_t rejected_for(http::Rejection rejection) const noexcept {
    return rejected[static_cast<std::size_t>(rejection)];
  }
  [[nodiscard]] std::uint64_t closed_by(CloseReason reason) const noexcept {
    return closed[static_cast<std::size_t>(reason)];
  }

  Counters& operator+=(const Counters& other) noexcept;
};

/// Says in the log what was served and refused, and how many connections had to be cut.
void log_summary(const Counters& counters);

/// A number that one thread writes and every thread may read: no instruction that locks the bus.
class Counter {
 public:
  void add(std::uint64_t count) noexcept { value_.store(value() + count, std::memory_order_relaxed); }
  Counter& operator++() noexcept {
    add(1);
    return *this;
  }
  [[nodiscard]] std::uint64_t value() const noexcept { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_ = 0;
};

/// The counters of one worker, whose thread alone writes them. They share no cache line with those of
/// another.
class alignas(64) WorkerCounters {
 public:
  Counter connections;
  Counter requests;

  void count(http::Rejection rejection) noexcept { ++rejected_[static_cast<std::size_t>(rejection)]; }
  void count(CloseReason reason) noexcept { ++closed_[static_cast<std::size_t>(reason)]; }

  /// From any thread, while the worker runs too. The numbers need not be of the same moment.
  [[nodiscard]] Counters read() const noexcept;

 private:
  std::array<Counter, http::rejection_count> rejected_;
  std::array<Counter, close_reason_count> closed_;
};

}  // namespace chopin::connection
