#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>

#include "data/postgres/wire.hpp"

namespace chopin::data::postgres {

/// Ends what connections run that nobody waits for any more: asks the server to cancel it (CancelRequest,
/// chapter 55.2.8 of PostgreSQL's manual), then closes the connection. On a thread of its own, because libpq
/// makes a connection for the request and waits.
///
/// Thread safety: any thread.
/// Lifetime: at its end it waits for its thread for a second; one that hangs may outlive it.
/// Throws: nothing.
class Canceller {
 public:
  /// So many connections wait at most; others are closed without a request.
  static constexpr std::size_t most_waiting = 64;

  Canceller();
  ~Canceller();
  Canceller(const Canceller&) = delete;
  Canceller& operator=(const Canceller&) = delete;

  void cancel_and_close(Handle handle) noexcept;

 private:
  struct Shared {
    std::mutex mutex;
    std::condition_variable changed;
    // All under the mutex:
    std::deque<Handle> waiting;
    bool is_running = false;
    bool is_ended = false;
  };

  void start_thread();
  static void run(Shared& shared) noexcept;

  const std::shared_ptr<Shared> shared_;
  std::thread thread_;  // under the mutex
};

}  // namespace chopin::data::postgres
