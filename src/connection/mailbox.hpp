#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <thread>
#include <variant>
#include <vector>

#include "connection/connection_limit.hpp"
#include "loop/readiness.hpp"
#include "system/sockets.hpp"

namespace chopin::connection {

/// What other threads can ask of a worker.
enum class Command : std::uint8_t {
  drain,   ///< stop accepting, finish what is in flight
  cut,     ///< end every connection now
  resume,  ///< accept again if accepting has paused
};

/// What a worker can be sent: a command, a connection to serve, or something to do on its thread.
using Letter = std::variant<Command, Connection, std::function<void()>>;

/// The only way into a running worker: a queue under a mutex and an eventfd that wakes the worker. May
/// outlive the worker once it is closed, and then takes nothing any more.
class Mailbox final : public loop::ReadinessTarget {
 public:
  /// `on_letter` is called on the thread that runs the rounds of `readiness`. Throws std::system_error.
  Mailbox(loop::Readiness& readiness, std::function<void(Letter)> on_letter);

  /// From any thread. False, and the letter is gone, once the mailbox is closed. Throws std::bad_alloc.
  bool post(Letter letter);
  [[nodiscard]] bool belongs_to_this_thread() const noexcept { return owner_ == std::this_thread::get_id(); }

  /// On the worker's thread, before the first letter is handled: whose mailbox it is.
  void claim() noexcept { owner_ = std::this_thread::get_id(); }
  /// At the end of the worker's thread, whose id may be given to another.
  void disclaim() noexcept { owner_ = std::thread::id(); }
  /// On the worker's thread: no more letters.
  void close();

 private:
  void on_ready(Events events) override;

  system::Descriptor event_;
  std::function<void(Letter)> on_letter_;
  std::atomic<std::thread::id> owner_;
  std::mutex mutex_;
  std::vector<Letter> queue_;  // under mutex_
  bool open_ = true;           // under mutex_
};

}  // namespace chopin::connection
