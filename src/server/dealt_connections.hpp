#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <mutex>
#include <vector>

#include "connection/connection_limit.hpp"

namespace chopin::server {

/// The connections that the acceptor of standard mode has dealt to one worker: those that the worker has not
/// taken yet, and how many are open.
///
/// Thread safety: `take` and `count_end` on the worker's thread, the rest on the acceptor's.
/// Lifetime: the worker's; closes what nobody has taken.
/// Throws: std::bad_alloc.
class DealtConnections {
 public:
  using Clock = std::chrono::steady_clock;

  /// A worker that leaves a connection waiting for longer is taken for blocked by a handler.
  static constexpr std::chrono::milliseconds patience{10};

  /// True if the worker must be told to `take`.
  [[nodiscard]] bool add(connection::Connection connection);
  /// What was added and not taken back.
  [[nodiscard]] std::vector<connection::Connection> take();
  /// What the worker has not taken, to be dealt to another.
  [[nodiscard]] std::vector<connection::Connection> take_back();
  /// Whether the worker has taken all connections, or has not had `patience` to do it.
  [[nodiscard]] bool are_taken_promptly() const noexcept;
  [[nodiscard]] bool is_empty() const noexcept;

  /// How many have been added and have neither ended nor been taken back.
  [[nodiscard]] std::size_t open() const noexcept { return dealt_ - ended_.load(std::memory_order_relaxed); }
  void count_end() noexcept {
    ended_.store(ended_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  }

 private:
  mutable std::mutex mutex_;
  std::vector<connection::Connection> waiting_;  // under mutex_
  bool worker_is_told_ = false;                  // under mutex_
  Clock::time_point told_at_;                    // under mutex_
  std::size_t dealt_ = 0;                        // the acceptor's
  std::atomic<std::size_t> ended_ = 0;           // written by the worker only
};

}  // namespace chopin::server
