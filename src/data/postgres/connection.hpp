#pragma once

#include <chrono>
#include <cstddef>
#include <exception>
#include <span>
#include <string>

#include "chopin/byte_buffer.hpp"
#include "data/backend.hpp"
#include "data/failed_batches.hpp"
#include "data/postgres/conversation.hpp"
#include "data/postgres/wire.hpp"
#include "loop/event_handler.hpp"
#include "loop/event_loop.hpp"

namespace chopin::data::postgres {

/// A connection whose socket waits in the worker's loop. What batches add in a round is sent at its end, with
/// one system call.
///
/// Thread safety: the worker's thread.
/// Lifetime: must not be destroyed within its own calls: see `is_lost`.
/// Throws: the constructor: std::system_error, std::bad_alloc.
class Connection final : public Lane, private loop::EventHandler, private loop::Task {
 public:
  /// Who has it.
  class Owner {
   public:
    /// Batches are complete, or the connection is lost. Called last in an event.
    virtual void on_change(Connection& connection) noexcept = 0;
    /// Of all its connections, for the message of a loss.
    [[nodiscard]] virtual std::string state() const = 0;

   protected:
    ~Owner() = default;
  };

  /// `space`: where all connections of the worker receive, for the duration of a call.
  Connection(Handle handle, Conversation::Statements statements, loop::EventLoop& loop, std::span<char> space,
             Owner& owner);
  ~Connection();

  void start(Batch& batch) noexcept override;
  void withdraw(Batch& batch) noexcept override;

  /// Ends it: batches under way fail with this error, later ones too.
  void lose(const std::exception_ptr& error) noexcept;

  [[nodiscard]] bool is_lost() const noexcept { return lost_ != nullptr; }
  /// Of one that was ended here: what its server may still run, to be cancelled. Null if it runs nothing.
  [[nodiscard]] Handle take_running() noexcept;
  [[nodiscard]] std::size_t load() const noexcept { return conversation_.load(); }
  [[nodiscard]] bool is_in_transaction() const noexcept { return conversation_.is_in_transaction(); }
  /// Since when the server has been silent while it had something to do.
  [[nodiscard]] std::chrono::steady_clock::time_point silent_since() const noexcept { return silent_since_; }
  void note_time(std::chrono::steady_clock::time_point now) noexcept;

 private:
  void on_events(loop::Events events) noexcept override;
  void run() noexcept override;
  void receive() noexcept;
  void take(std::string_view received);
  void flush() noexcept;
  void forget_sent() noexcept;

  loop::EventLoop& loop_;
  Owner& owner_;
  Wire wire_;
  Conversation conversation_;
  const std::span<char> space_;
  std::size_t sent_ = 0;   // of the conversation's output
  ByteBuffer unfinished_;  // the beginning of a message
  FailedBatches failed_;
  std::exception_ptr lost_;
  bool was_running_ = false;  // when it was ended here
  std::chrono::steady_clock::time_point silent_since_;
  bool has_heard_ = false;          // since `note_time`
  bool waits_to_write_ = false;     // the loop reports when there is room
  bool peer_has_finished_ = false;  // there is an end to be read
  bool has_unread_ = false;         // for which no event will come
};

}  // namespace chopin::data::postgres
