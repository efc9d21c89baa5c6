#pragma once

#include <cstddef>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

#include "chopin/executor.hpp"

namespace chopin {

namespace loop {

/// Runs a function that throws nothing on a thread of the pool, while the calling coroutine waits.
chopin::Task<> run_on_pool(std::function<void()> function);

/// A function, and what became of it. Shared by the coroutine and the pool.
template <class Function>
class PoolCall {
 public:
  using Result = std::invoke_result_t<Function&>;
  static constexpr bool returns = !std::is_void_v<Result>;

  explicit PoolCall(Function function) : function_(std::move(function)) {}

  void run() noexcept try {
    if constexpr (returns) {
      result_.emplace(function_());
    } else {
      function_();
    }
  } catch (...) {
    error_ = std::current_exception();
  }
  /// After `run`. Throws what the function has thrown.
  Result result() {
    if (error_ != nullptr) std::rethrow_exception(error_);
    // NOLINTNEXTLINE(bugprone-unchecked-optional-access): `run` has set it, or the error
    if constexpr (returns) return std::move(*result_);
  }

 private:
  Function function_;
  std::optional<std::conditional_t<returns, Result, bool>> result_;
  std::exception_ptr error_;
};

template <class Call>
chopin::Task<typename Call::Result> finish_call(std::shared_ptr<Call> call, chopin::Task<> running) {
  co_await std::move(running);
  co_return call->result();
}

}  // namespace loop

/// Runs a function that takes long, or blocks, on a thread beside the event loops. The calling coroutine
/// waits for it and gets what it returns or throws; its worker serves other requests meanwhile.
///
///     auto scale = [image = std::move(image)] { return scaled(image, 200); };
///     response.body("image/png", co_await chopin::on_pool(std::move(scale)));
///
/// All workers of the process share the pool: a thread for each CPU, 8 at most, which start when they are
/// needed, and 1024 functions that wait for one. The threads have a lower priority than workers (nice +10):
/// they get about a tenth of a CPU that a worker wants all the time. A function that blocks for seconds keeps
/// its thread from the others.
///
/// If the coroutine is cancelled, because its client is gone or its time is over, the function may still run,
/// and its result is dropped on any thread: capture what it uses, and nothing of the request by reference.
/// Give it a name before `co_await`, as above: g++ 12 destroys twice what a lambda in an awaited expression
/// captures.
///
/// Thread safety: the coroutine on a worker's thread; the function must not use the worker's services.
/// Lifetime: the pool ends with the process, which waits a second at most for functions that run.
/// Throws: what the function throws; HttpError 503 with Retry-After if too many functions wait, no thread can
///         be started, or it is not done after an hour; boost::system::system_error with operation_aborted if
///         the coroutine is cancelled; std::bad_alloc.
template <class Function>
Task<std::invoke_result_t<Function&>> on_pool(Function function) {
  const auto call = std::make_shared<loop::PoolCall<Function>>(std::move(function));
  return loop::finish_call(call, loop::run_on_pool([call] { call->run(); }));
}

}  // namespace chopin
