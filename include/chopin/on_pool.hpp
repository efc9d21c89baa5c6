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
  using Result = std::invoke_result_t<Function&>;
  constexpr bool returns = !std::is_void_v<Result>;
  struct State {
    Function function;
    std::optional<std::conditional_t<returns, Result, bool>> result;
    std::exception_ptr error;
  };
  const auto state = std::make_shared<State>(State{std::move(function), std::nullopt, nullptr});
  std::function<void()> work = [state] {
    try {
      if constexpr (returns) {
        state->result.emplace(state->function());
      } else {
        state->function();
      }
    } catch (...) {
      state->error = std::current_exception();
    }
  };
  co_await loop::run_on_pool(std::move(work));
  if (state->error != nullptr) std::rethrow_exception(state->error);
  // NOLINTNEXTLINE(bugprone-unchecked-optional-access): `work` has set it, or the error
  if constexpr (returns) co_return std::move(*state->result);
}

}  // namespace chopin
