#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

#include "chopin/config.hpp"

namespace chopin::log {

struct QueuedLine {
  LogLevel level;
  std::chrono::system_clock::time_point time;
  std::string text;
};

/// The lines that wait for the log's thread, limited by the memory they take. A line that finds no room is
/// lost, and counted.
///
/// Thread safety: `push`, `close` and `lost` from any thread, the rest on the log's thread.
/// Lifetime: its writer's.
/// Throws: nothing.
class LineQueue {
 public:
  /// Some 20,000 request lines.
  static constexpr std::size_t most_bytes = std::size_t{4} * 1024 * 1024;
  /// Room for lines at warn and above, after the others have filled the rest.
  static constexpr std::size_t reserve = std::size_t{256} * 1024;

  void push(QueuedLine line) noexcept;
  /// Waits for lines, and takes all that wait and the number of those that found no room. The lines taken
  /// before no longer count. Without lines the queue is closed and empty.
  struct Taken {
    std::vector<QueuedLine> lines;
    std::uint64_t lost_after_them = 0;
  };
  void take(Taken& taken) noexcept;
  /// What is pushed later is lost.
  void close() noexcept;
  [[nodiscard]] bool is_empty() const noexcept;

  /// Lines that were lost elsewhere. `is_reported`: `take` need not return them.
  void count_lost(std::uint64_t lines, bool is_reported) noexcept;
  /// Lines that `take` is to return once more.
  void count_unreported(std::uint64_t lines) noexcept;
  [[nodiscard]] std::uint64_t lost() const noexcept;

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<QueuedLine> waiting_;
  std::size_t waiting_bytes_ = 0;
  std::size_t taken_bytes_ = 0;
  std::uint64_t lost_ = 0;
  std::uint64_t unreported_ = 0;
  bool thread_waits_ = false;
  bool is_closed_ = false;
};

}  // namespace chopin::log
