#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "chopin/log.hpp"
#include "connection/close_reason.hpp"
#include "connection/memory_budget.hpp"
#include "http/rejection.hpp"
#include "loop/round_samples.hpp"

namespace chopin::connection {

/// The counts of one worker or of all.
struct Counters {
  std::uint64_t connections = 0;       ///< accepted
  std::uint64_t requests = 0;          ///< responses of routes, including 404 and 405
  std::uint64_t handler_timeouts = 0;  ///< handlers that took too long: 503
  std::uint64_t late_responses = 0;    ///< that came after that, and were ignored
  std::uint64_t refused = 0;           ///< connections: at the limit, or because memory was short
  std::array<std::uint64_t, memory_stage_count> memory_stages{};  ///< how often each has begun, by worker
  std::array<std::uint64_t, http::rejection_count> rejected{};
  std::array<std::uint64_t, close_reason_count> closed{};
  loop::RoundSamples::Counts rounds{};  ///< of the loops

  [[nodiscard]] std::uint64_t rejected_for(http::Rejection rejection) const noexcept {
    return rejected[static_cast<std::size_t>(rejection)];
  }
  [[nodiscard]] std::uint64_t closed_by(CloseReason reason) const noexcept {
    return closed[static_cast<std::size_t>(reason)];
  }

  Counters& operator+=(const Counters& other) noexcept;
};

/// Logs what was served and refused, and how many connections were cut.
void log_summary(const Log& log, const Counters& counters) noexcept;

/// A number that one thread writes and any thread may read. With one writer, a relaxed load and store
/// suffice: no atomic read-modify-write.
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

/// The counters of one worker. They lie amid what its worker has allocated on its own
/// thread, so they share no cache line with those of another.
///
/// Thread safety: only the worker's thread writes, any thread may `read`.
/// Lifetime: the worker's.
/// Throws: nothing.
class WorkerCounters {
 public:
  Counter connections;
  Counter requests;
  Counter handler_timeouts;
  Counter late_responses;
  Counter refused;

  void count(http::Rejection rejection) noexcept { ++rejected_[static_cast<std::size_t>(rejection)]; }
  void count(MemoryStage stage) noexcept { ++memory_stages_[static_cast<std::size_t>(stage)]; }
  void count(CloseReason reason) noexcept { ++closed_[static_cast<std::size_t>(reason)]; }

  /// While the worker runs, the numbers may stem from different moments.
  [[nodiscard]] Counters read() const noexcept;

 private:
  std::array<Counter, memory_stage_count> memory_stages_;
  std::array<Counter, http::rejection_count> rejected_;
  std::array<Counter, close_reason_count> closed_;
};

}  // namespace chopin::connection
