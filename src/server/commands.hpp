#pragma once

#include <atomic>
#include <functional>
#include <utility>

#include "chopin/loop_task.hpp"
#include "loop/event_loop.hpp"
#include "server/command.hpp"

namespace chopin::server {

/// The commands for a loop that have not been carried out yet, and the task that does so. Posting one
/// allocates nothing, so that a stop cannot fail for want of memory. Of equal ones that wait one is carried
/// out.
///
/// Thread safety: `post` from any thread.
/// Lifetime: must not outlive its loop, which must be closed before this ends.
/// Throws: the constructor.
class Commands final : public loop::Task {
 public:
  /// `carry_out` is called on the loop's thread. What it throws is logged.
  Commands(loop::EventLoop& loop, std::function<void(Command)> carry_out)
      : loop_(loop), carry_out_(std::move(carry_out)) {}

  /// False if the loop's task queue is closed.
  bool post(Command command) noexcept {
    waiting_.fetch_or(bit_of(command));
    return is_queued_.exchange(true) || loop_.tasks()->post(*this);
  }

 private:
  static constexpr unsigned bit_of(Command command) noexcept { return 1U << static_cast<unsigned>(command); }

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
  const std::function<void(Command)> carry_out_;
  std::atomic<unsigned> waiting_ = 0;  // a bit for each
  std::atomic<bool> is_queued_ = false;
};

}  // namespace chopin::server
