#pragma once

#include <optional>
#include <utility>

#include <boost/asio/async_result.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/error_code.hpp>

#include "chopin/executor.hpp"
#include "loop/event_loop.hpp"

namespace chopin::loop {

/// Lets one coroutine of the loop wait until it is notified. Allocates nothing for it.
///
/// Thread safety: the loop's thread.
/// Lifetime: must outlive the coroutine's wait, unless the loop ends first.
/// Throws: only `wait`.
class Wakeup final : public Task {
 public:
  explicit Wakeup(EventLoop& loop) noexcept : loop_(loop) {}

  /// For the coroutine. Throws boost::system::system_error with operation_aborted if it is cancelled.
  chopin::Task<> wait();
  [[nodiscard]] bool has_waiter() const noexcept { return waiter_.has_value(); }
  /// Resumes the coroutine, if it waits, and returns when it awaits something again.
  void notify() noexcept { resume({}); }

  /// The coroutine is cancelled. Not within the call that cancels it.
  void run() noexcept override { resume(boost::asio::error::operation_aborted); }
  void discard() noexcept override { const auto destroyed = std::exchange(waiter_, std::nullopt); }

 private:
  using Token = boost::asio::use_awaitable_t<Executor>;
  using Waiter = boost::asio::async_result<Token, void(boost::system::error_code)>::handler_type;

  void resume(boost::system::error_code error) noexcept;

  EventLoop& loop_;
  std::optional<Waiter> waiter_;
};

}  // namespace chopin::loop
