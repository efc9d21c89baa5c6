#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <type_traits>
#include <utility>
#include <variant>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "chopin/exchange.hpp"
#include "chopin/executor.hpp"
#include "chopin/request.hpp"
#include "chopin/responder.hpp"
#include "chopin/response.hpp"

namespace chopin {

struct Declaration;

/// Fills the response before it returns.
using Handler = std::function<void(const Request&, Response&)>;
/// Responds later, from any thread.
using LaterHandler = std::function<void(Responder)>;
/// A coroutine on the worker's thread, which fills the response before it ends. Request and response live as
/// long as it runs. It is cancelled (asio::cancellation_slot) if its connection ends or its time is over.
///
///     router.get("/slow", [](const chopin::Request&, chopin::Response& response) -> chopin::Task<> {
///       co_await chopin::sleep_for(10ms);
///       response.text("at last");
///     });
using CoroutineHandler = std::function<Task<>(const Request&, Response&)>;
/// The same as a coroutine of Asio's default kind, in which Asio's own timers and sockets work. It runs on
/// the worker's io_context, which makes it dearer: see bench/README.md.
using AsioHandler = std::function<boost::asio::awaitable<void>(const Request&, Response&)>;

/// A coroutine that reads the request's body or writes the response's in parts.
using ExchangeHandler = std::function<Task<>(Exchange&)>;

/// What serves a route: a function of one of these kinds, told apart by what it takes and returns. All
/// workers may call it at once. What it throws becomes a response: an HttpError the status it names, all else
/// a 500.
///
/// Thread safety: immutable.
/// Lifetime: owns its function.
/// Throws: what copying the function throws.
class RouteHandler {
 public:
  using Function = std::variant<Handler, LaterHandler, CoroutineHandler, ExchangeHandler>;

  template <class Given>
    requires(!std::is_same_v<std::remove_cvref_t<Given>, RouteHandler>)
  RouteHandler(Given&& given)  // NOLINT(google-explicit-constructor): so that a route takes a lambda
      : function_(function_of(std::forward<Given>(given))) {}
  RouteHandler(Function function, std::shared_ptr<const Declaration> declaration) noexcept
      : function_(std::move(function)), declaration_(std::move(declaration)) {}
  /// No handler: a route refuses it.
  RouteHandler(std::nullptr_t /*none*/) noexcept {}  // NOLINT(google-explicit-constructor): as above

  [[nodiscard]] bool is_empty() const {
    return std::visit([](const auto& function) { return !function; }, function_);
  }
  [[nodiscard]] const Function& function() const noexcept { return function_; }
  /// What is known of the route; null for a handler that was not made by `operation`.
  [[nodiscard]] const Declaration* declaration() const noexcept { return declaration_.get(); }
  /// What serves requests with a body of `large_json` bytes or more instead; null: the same function.
  [[nodiscard]] const CoroutineHandler* for_large_bodies() const noexcept {
    return for_large_bodies_ ? &for_large_bodies_ : nullptr;
  }
  /// For a handler that would keep its worker from others while it reads such a body: see json_later.hpp.
  RouteHandler&& for_large_bodies(CoroutineHandler handler) && {
    for_large_bodies_ = std::move(handler);
    return std::move(*this);
  }
  RouteHandler&& declare(std::shared_ptr<const Declaration> declaration) && {
    declaration_ = std::move(declaration);
    return std::move(*this);
  }

 private:
  template <class Given>
  static Function function_of(Given&& given) {
    if constexpr (std::is_invocable_v<Given&, const Request&, Response&>) {
      using Result = std::invoke_result_t<Given&, const Request&, Response&>;
      if constexpr (std::is_same_v<Result, Task<>>) {
        return CoroutineHandler(std::forward<Given>(given));
      } else if constexpr (std::is_same_v<Result, boost::asio::awaitable<void>>) {
        return on_io_context(AsioHandler(std::forward<Given>(given)));
      } else {
        static_assert(std::is_void_v<Result>,
                      "a handler of a request and a response returns void, chopin::Task<> or "
                      "boost::asio::awaitable<void>");
        return Handler(std::forward<Given>(given));
      }
    } else if constexpr (std::is_invocable_v<Given&, Exchange&>) {
      static_assert(std::is_same_v<std::invoke_result_t<Given&, Exchange&>, Task<>>,
                    "a handler of an exchange returns chopin::Task<>");
      return ExchangeHandler(std::forward<Given>(given));
    } else {
      static_assert(std::is_invocable_r_v<void, Given&, Responder>,
                    "a handler takes (const chopin::Request&, chopin::Response&), (chopin::Exchange&) or "
                    "(chopin::Responder); one that takes or returns anything else is given to "
                    "chopin::operation(handler, {...})");
      static_assert(
          std::is_void_v<std::invoke_result_t<Given&, Responder>>,
          "a handler that takes a chopin::Responder returns void; a template, such as a lambda that takes "
          "`auto`, is none: name its types");
      return LaterHandler(std::forward<Given>(given));
    }
  }
  static LaterHandler on_io_context(AsioHandler handler);

  Function function_;
  CoroutineHandler for_large_bodies_;
  std::shared_ptr<const Declaration> declaration_;
};

}  // namespace chopin
