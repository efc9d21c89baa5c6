#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <variant>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <boost/system/error_code.hpp>

#include "server/completion.hpp"
#include "server/connection_limit.hpp"

namespace chopin::server {

/// What other threads can ask of a worker.
enum class Command : std::uint8_t {
  drain,   ///< stop accepting, finish what is in flight
  cut,     ///< end every connection now
  resume,  ///< accept again if accepting has paused
};

/// What a worker can be sent: a command, a connection to serve, or something to do on its thread.
using Letter = std::variant<Command, Connection, std::function<void()>>;

/// The only way into a running worker: a queue under a mutex and an eventfd that wakes the worker's
/// io_context. May outlive the worker, and then takes nothing any more.
class Mailbox {
 public:
  /// `on_letter` is called on the thread that runs `io_context`. Throws boost::system::system_error.
  Mailbox(boost::asio::io_context& io_context, std::function<void(Letter)> on_letter);

  /// From any thread. False, and the letter is gone, once the mailbox is closed. Throws std::bad_alloc.
  bool post(Letter letter);
  [[nodiscard]] bool belongs_to_this_thread() const noexcept { return owner_ == std::this_thread::get_id(); }

  /// On the worker's thread, before the first letter is handled: whose mailbox it is.
  void claim() noexcept { owner_ = std::this_thread::get_id(); }
  /// At the end of the worker's thread, whose id may be given to another.
  void disclaim() noexcept { owner_ = std::thread::id(); }
  /// On the worker's thread: no more letters, and nothing keeps the io_context running.
  void close();
  /// The io_context is about to go.
  void detach();

 private:
  void receive();
  void on_wake(const boost::system::error_code& ec, std::size_t size);

  using Event = boost::asio::posix::basic_stream_descriptor<boost::asio::io_context::executor_type>;

  std::unique_ptr<Event> event_;  // none once detached
  std::function<void(Letter)> on_letter_;
  std::atomic<std::thread::id> owner_;
  std::uint64_t wakes_ = 0;
  OperationMemory operation_memory_;
  std::mutex mutex_;
  std::vector<Letter> queue_;  // under mutex_
  bool open_ = true;           // under mutex_
};

}  // namespace chopin::server
