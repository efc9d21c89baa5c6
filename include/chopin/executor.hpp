#pragma once

#include <chrono>
#include <type_traits>
#include <utility>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/execution/blocking.hpp>
#include <boost/asio/execution/context.hpp>

#include "chopin/loop_task.hpp"

namespace boost::asio {
class io_context;  // NOLINT(readability-identifier-naming): it is Asio's
}

namespace chopin {

namespace loop {
class EventLoop;
}

/// An Asio executor that runs functions on a worker's thread: for `asio::post`, `asio::dispatch`,
/// `asio::co_spawn` and completion tokens. It needs no io_context, and costs other requests nothing.
///
///     boost::asio::co_spawn(responder.executor(), handle(std::move(responder)), boost::asio::detached);
///
/// Asio's own timers, sockets and signal sets cannot run on it, because Asio would start a thread for them:
/// constructing one throws std::logic_error. Use `sleep_for` instead, and `io_context` for sockets.
///
/// Thread safety: can be copied and used from any thread.
/// Lifetime: must not outlive the Server. A function posted after its worker has ended is destroyed without
/// having run.
/// Throws: std::bad_alloc, and what a function dispatched on the worker's own thread throws. What a posted
/// function throws is logged.
class Executor {
 public:
  explicit Executor(loop::EventLoop& loop) noexcept : loop_(&loop) {}

  bool operator==(const Executor& other) const noexcept { return loop_ == other.loop_; }

  /// The io_context of the same worker, for Asio's own sockets and timers; a coroutine on this executor may
  /// await their operations. It has one thread and no locks: use it on that thread only. Throws
  /// std::bad_alloc, std::system_error; std::logic_error where there is none.
  [[nodiscard]] boost::asio::io_context& io_context() const;
  /// For internal use.
  [[nodiscard]] loop::EventLoop& loop() const noexcept { return *loop_; }

  // What Asio asks of an executor.

  [[nodiscard]] boost::asio::execution_context& query(boost::asio::execution::context_t) const noexcept;
  [[nodiscard]] boost::asio::execution::blocking_t query(boost::asio::execution::blocking_t) const noexcept {
    if (never_inline_) return boost::asio::execution::blocking_t::never_t();
    return boost::asio::execution::blocking_t::possibly_t();
  }
  [[nodiscard]] Executor require(boost::asio::execution::blocking_t::possibly_t) const noexcept {
    return {loop_, false};
  }
  [[nodiscard]] Executor require(boost::asio::execution::blocking_t::never_t) const noexcept {
    return {loop_, true};
  }
  template <class Function>
  void execute(Function&& function) const {
    if (!never_inline_ && is_on_this_thread()) {
      std::decay_t<Function> called(std::forward<Function>(function));
      return std::move(called)();
    }
    post(loop::make_task(std::forward<Function>(function), log()));
  }

 private:
  Executor(loop::EventLoop* loop, bool never_inline) noexcept : loop_(loop), never_inline_(never_inline) {}

  [[nodiscard]] bool is_on_this_thread() const noexcept;
  void post(loop::Task& task) const noexcept;
  [[nodiscard]] const Log& log() const noexcept;

  loop::EventLoop* loop_;
  bool never_inline_ = false;
};

/// A coroutine on a worker's thread, to be awaited or given to `asio::co_spawn`.
template <class Result = void>
using Task = boost::asio::awaitable<Result, Executor>;

/// Suspends the calling coroutine, exact to a millisecond, also under load. With a duration of 0 or less it
/// lets other tasks run first. Throws boost::system::system_error with operation_aborted if the coroutine is
/// cancelled (asio::cancellation_slot).
Task<> sleep_for(std::chrono::nanoseconds duration);

}  // namespace chopin
