#pragma once

#include <atomic>
#include <functional>
#include <utility>

#include "chopin/loop_task.hpp"
#include "loop/event_loop.hpp"
#include "server/command.hpp"

namespace chopin::server {

/// The commands for a loop that have not been carried out yet, and the tasks that do so. Posting one
/// allocates nothing, so that a stop cannot fail for want of memory. Of equal ones that wait one is carried
/// out.
///
/// Whatever was posted to the loop before a command that ends connections runs before it: what was accepted
/// and dealt before a drain takes part in it.
///
/// Thread safety: `post` from any thread.
/// Lifetime: must not outlive its loop, which must be closed before this ends.
/// Throws: the constructor.
class Commands {
 public:
  /// `carry_out` is called on the loop's thread. What it throws is logged.
  Commands(loop::EventLoop& loop, std::function<void(Command)> carry_out)
      : carry_out_(std::move(carry_out)), ends_(loop, carry_out_), others_(loop, carry_out_) {}

  /// False if the loop's task queue is closed.
  bool post(Command command) noexcept {
    const bool is_end = command == Command::drain || command == Command::cut;
    return (is_end ? ends_ : others_).post(command);
  }

 private:
  /// Those of one kind. They have a task in common, whose place in the queue is that of the first.
  class Group final : public loop::Task {
   public:
    Group(loop::EventLoop& loop, const std::function<void(Command)>& carry_out)
        : loop_(loop), carry_out_(carry_out) {}

    bool post(Command command) noexcept {
      waiting_.fetch_or(bit_of(command));
      return is_queued_.exchange(true) || loop_.tasks()->post(*this);
    }

   private:
    static constexpr unsigned bit_of(Command command) noexcept {
      return 1U << static_cast<unsigned>(command);
    }

    /// Until none is left: the first may close the queue, with this task in it again.
    void run() noexcept override {
      is_queued_ = false;  // first: what is posted from now on queues the task again
      while (const unsigned given = waiting_.exchange(0)) {
        for (const Command command : {Command::drain, Command::cut, Command::make_room, Command::resume}) {
          if ((given & bit_of(command)) == 0) continue;
          try {
            carry_out_(command);
          } catch (...) {
            loop::log_task_exception(loop_.log());
          }
        }
      }
    }

    void discard() noexcept override { is_queued_ = false; }

    loop::EventLoop& loop_;
    const std::function<void(Command)>& carry_out_;
    std::atomic<unsigned> waiting_ = 0;  // a bit for each
    std::atomic<bool> is_queued_ = false;
  };

  const std::function<void(Command)> carry_out_;
  Group ends_;
  Group others_;
};

}  // namespace chopin::server
