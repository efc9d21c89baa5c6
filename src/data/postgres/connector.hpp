#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "chopin/log.hpp"
#include "data/postgres/canceller.hpp"
#include "data/postgres/wire.hpp"
#include "loop/task_queue.hpp"

namespace chopin::data::postgres {

class BlockingConnection;

/// A connection that someone on a loop wants. Stays with the connector until there is one.
///
/// Thread safety: `withdraw` on the loop's thread; the rest is the connector's.
/// Lifetime: shared by who asks and the connector.
/// Throws: nothing.
class ConnectionRequest final : public std::enable_shared_from_this<ConnectionRequest> {
 public:
  /// Called on the loop's thread.
  class Asker {
   public:
    virtual void on_connected(Handle handle) noexcept = 0;
    /// An attempt has failed; there will be others. `why`: what libpq says.
    virtual void on_refused(const std::string& why) noexcept = 0;

   protected:
    ~Asker() = default;
  };

  ConnectionRequest(Asker& asker, std::shared_ptr<loop::TaskQueue> loop) noexcept
      : asker_(&asker), loop_(std::move(loop)) {}

  /// The asker is not called any more.
  void withdraw() noexcept {
    asker_ = nullptr;
    is_withdrawn_.store(true, std::memory_order_relaxed);
  }

 private:
  friend class Connector;

  void deliver(Handle handle);
  void tell_refused(const std::string& why);

  Asker* asker_;  // only the loop's thread reads and writes it
  const std::shared_ptr<loop::TaskQueue> loop_;
  std::atomic<bool> is_withdrawn_ = false;
};

/// Makes connections for all workers, on threads of its own, because libpq blocks while it looks up names
/// and computes what SCRAM asks for. The number of threads is the most connections that are being made at the
/// same time. While the server refuses, one attempt is made at a time, after a pause that grows.
///
/// Thread safety: any thread.
/// Lifetime: at its end it waits for its threads for a second; one that hangs in a lookup may outlive it.
/// Throws: std::bad_alloc from the constructor.
class Connector {
 public:
  static constexpr std::size_t most_threads = 4;
  /// The pause after a failed attempt: doubled with each one, less up to a half by chance.
  static constexpr std::chrono::milliseconds least_pause{25};
  static constexpr std::chrono::milliseconds most_pause{400};

  struct Options {
    std::string url;
    /// What the server is told to cancel a statement after; 0: nothing is set on the connection, because a
    /// pooler may give it to others.
    std::chrono::milliseconds statement_timeout{0};
    /// The most connections that all workers together ask for: compared with what the server can give, when
    /// the first one is there, and a warning logged.
    std::size_t connections = 1;
  };

  Connector(Options options, Log log);
  ~Connector();
  Connector(const Connector&) = delete;
  Connector& operator=(const Connector&) = delete;

  /// Throws std::system_error if no thread can be started, std::bad_alloc.
  void add(std::shared_ptr<ConnectionRequest> request);
  /// For a connection whose server runs something that nobody waits for any more.
  void cancel_and_close(Handle handle) noexcept { canceller_.cancel_and_close(std::move(handle)); }

 private:
  using TimePoint = std::chrono::steady_clock::time_point;

  struct Shared {
    Shared(Options given, Log to) : options(std::move(given)), log(std::move(to)) {}

    const Options options;
    const Log log;
    std::mutex mutex;
    std::condition_variable changed;
    // All under the mutex:
    std::deque<std::shared_ptr<ConnectionRequest>> waiting;
    std::vector<std::thread> threads;
    std::size_t running_threads = 0;
    std::size_t idle_threads = 0;
    unsigned failures = 0;  // since the last success
    bool is_probing = false;
    TimePoint next_attempt;
    bool is_ended = false;
    bool is_checked = false;  // what the server can give, by the first connection
  };

  static void start_thread(const std::shared_ptr<Shared>& shared);
  static void run(Shared& shared) noexcept;
  static void attempt(Shared& shared, std::unique_lock<std::mutex>& lock) noexcept;
  static Handle connect(const Shared& shared, bool is_to_check);
  static void check_server(const Shared& shared, BlockingConnection& connection);
  static void note_failure(Shared& shared, const std::shared_ptr<ConnectionRequest>& request,
                           const std::string& why);

  const std::shared_ptr<Shared> shared_;
  Canceller canceller_;
};

}  // namespace chopin::data::postgres
