#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <boost/system/error_code.hpp>

#include "server/completion.hpp"

namespace chopin::server {

/// What other threads can ask of a worker.
enum class Command : std::uint8_t {
  drain,  ///< stop accepting, finish what is in flight
  cut,    ///< end every connection now
};

/// The only way into a running worker: a queue under a mutex and an eventfd that wakes the worker's
/// io_context.
class Mailbox {
 public:
  /// `on_command` is called on the thread that runs `io_context`. Throws boost::system::system_error.
  Mailbox(boost::asio::io_context& io_context, std::function<void(Command)> on_command);

  /// From any thread. Does nothing once the mailbox is closed.
  void post(Command command);
  /// On the worker's thread: no more commands, and nothing keeps the io_context running.
  void close();

 private:
  void receive();
  void on_wake(const boost::system::error_code& ec, std::size_t size);

  boost::asio::posix::basic_stream_descriptor<boost::asio::io_context::executor_type> event_;
  std::function<void(Command)> on_command_;
  std::uint64_t wakes_ = 0;
  OperationMemory operation_memory_;
  std::mutex mutex_;
  std::vector<Command> queue_;  // under mutex_
  bool open_ = true;            // under mutex_
};

}  // namespace chopin::server
