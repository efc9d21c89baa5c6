#pragma once

#include <chrono>
#include <type_traits>
#include <utility>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/execution/blocking.hpp>
#include <boost/asio/execution/context.hpp>

#include "chopin/loop_task.hpp"

namespace chopin {

namespace loop {
class EventLoop;
}

/// Runs functions on a worker's thread, as an executor of Asio: for `asio::post`, `asio::dispatch`,
/// `asio::co_spawn` and completion tokens. Needs no io_context: a worker that has only these under way costs
/// a request nothing.
///
///     boost::asio::co_spawn(responder.executor(), handle(std::move(responder)), boost::asio::detached);
///
/// Asio's own timers, sockets and signal sets cannot run here, because Asio would start a thread for them:
/// making one throws std::logic_error. There are `sleep_for`, and `Responder::io_context` for sockets.
///
/// Thread safety: can be copied and used from any thread.
/// Lifetime: of the Server. What is posted once its worker has ended is destroyed without having run.
/// Throws: std::bad_alloc, and what a function throws that is dispatched on the worker's own thread. What a
/// posted function throws is logged.
class Executor {
 public:
  explicit Executor(loop::EventLoop& loop) noexcept : loop_(&loop) {}

  bool operator==(const Executor& other) const noexcept { return loop_ == other.loop_; }

  /// For the server's own parts.
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
    post(loop::make_task(std::forward<Function>(function)));
  }

 private:
  Executor(loop::EventLoop* loop, bool never_inline) noexcept : loop_(loop), never_inline_(never_inline) {}

  [[nodiscard]] bool is_on_this_thread() const noexcept;
  void post(loop::Task& task) const noexcept;

  loop::EventLoop* loop_;
  bool never_inline_ = false;
};

/// A coroutine on a worker's thread, to be awaited or given to `asio::co_spawn`.
template <class Result = void>
using Task = boost::asio::awaitable<Result, Executor>;

/// Suspends the calling coroutine, exactly to a millisecond under load as without; a duration of 0 or less
/// lets others run first. Throws boost::system::system_error with operation_aborted where the coroutine is
/// cancelled (asio::cancellation_slot).
Task<> sleep_for(std::chrono::nanoseconds duration);

}  // namespace chopin
