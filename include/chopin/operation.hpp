#pragma once

#include <concepts>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "chopin/declaration.hpp"
#include "chopin/handler.hpp"
#include "chopin/json_later.hpp"
#include "chopin/json_members.hpp"
#include "chopin/json_value.hpp"
#include "chopin/operation_parts.hpp"

namespace chopin {

/// What is said of a route besides the types of its handler.
struct About {
  std::string summary{};      ///< a sentence
  std::string description{};  ///< whatever else there is to say
  std::string tag{};          ///< under which the document lists it; default: the end of the group's prefix
  std::vector<DeclaredError> errors{};  ///< that the handler throws, besides those of what it takes
  bool in_envelope = true;              ///< values are sent as {"success":true,"data":value}
};

namespace operations {

template <class Function>
struct Signature : Signature<decltype(&Function::operator())> {};
template <class Returned, class... Taken>
struct Signature<Returned (*)(Taken...)> {
  using Result = Returned;
  using Arguments = std::tuple<Taken...>;
};
template <class Returned, class... Taken>
struct Signature<Returned (*)(Taken...) noexcept> : Signature<Returned (*)(Taken...)> {};
template <class Object, class Returned, class... Taken>
struct Signature<Returned (Object::*)(Taken...)> : Signature<Returned (*)(Taken...)> {};
template <class Object, class Returned, class... Taken>
struct Signature<Returned (Object::*)(Taken...) const> : Signature<Returned (*)(Taken...)> {};
template <class Object, class Returned, class... Taken>
struct Signature<Returned (Object::*)(Taken...) noexcept> : Signature<Returned (*)(Taken...)> {};
template <class Object, class Returned, class... Taken>
struct Signature<Returned (Object::*)(Taken...) const noexcept> : Signature<Returned (*)(Taken...)> {};

template <class... All>
using Types = std::type_identity<std::tuple<All...>>;

/// A body that the pool has read before the other arguments, or why it could not.
template <class Taken>
struct BodyReadAhead {
  Taken body{};
  std::exception_ptr error;  // then there is no body
};
struct NothingReadAhead {};

template <class Argument, class Ahead>
decltype(auto) take(const Request& request, Response& response, Ahead& ahead) {
  if constexpr (std::is_same_v<Ahead, BodyReadAhead<Argument>>) {
    if (ahead.error != nullptr) std::rethrow_exception(ahead.error);
    return Argument(std::move(ahead.body));
  } else {
    return Taken<Argument>::from(request, response);
  }
}

/// Reads one argument after the other, in the order in which the handler takes them. The last one is made in
/// its place, and each other is moved once.
template <class Function, class Ahead>
auto call(Types<> /*nothing*/, const Function& function, const Request& /*request*/, Response& /*response*/,
          Ahead& /*ahead*/) {
  return function();
}
template <class Last, class Function, class Ahead, class... Read>
auto call(Types<Last> /*last*/, const Function& function, const Request& request, Response& response,
          Ahead& ahead, Read&&... read) {
  return function(std::forward<Read>(read)..., take<Last>(request, response, ahead));
}
template <class Next, class Second, class... Later, class Function, class Ahead, class... Read>
auto call(Types<Next, Second, Later...> /*to_be_read*/, const Function& function, const Request& request,
          Response& response, Ahead& ahead, Read&&... read) {
  Next next = take<Next>(request, response, ahead);
  return call(Types<Second, Later...>(), function, request, response, ahead, std::forward<Read>(read)...,
              std::forward<Next>(next));
}

template <class Result>
struct Awaited {
  using Type = Result;
  static constexpr bool is_task = false;
};
template <class Result>
struct Awaited<Task<Result>> {
  using Type = Result;
  static constexpr bool is_task = true;
};

/// The type of the argument that is the body as JSON; void if there is none.
template <class Arguments>
struct BodyOf {
  using Type = void;
};
template <class Value, class... Others>
struct BodyOf<std::tuple<Body<Value>, Others...>> {
  using Type = Body<Value>;
};
template <class First, class... Others>
struct BodyOf<std::tuple<First, Others...>> : BodyOf<std::tuple<Others...>> {};

/// A handler, and how it is called and its result sent. Its coroutines are members, because g++ 14 crashes if
/// a coroutine that is a template takes a function whose types are in an anonymous namespace.
template <class Result, class Arguments, class Function>
class Call {
 public:
  using Returning = typename Awaited<Result>::Type;

  Call(Function function, bool in_envelope) : function_(std::move(function)), in_envelope_(in_envelope) {}

  /// For a handler that is no coroutine.
  template <class Ahead>
  void run_at_once(const Request& request, Response& response, Ahead ahead) const {
    if constexpr (std::is_void_v<Returning>) {
      call(arguments, function_, request, response, ahead);
    } else {
      Returned<Returning>::respond(request, response, call(arguments, function_, request, response, ahead),
                                   in_envelope_);
    }
  }

  template <class Ahead>
  Task<> run(const Request& request, Response& response, Ahead ahead) const {
    if constexpr (!Awaited<Result>::is_task) {
      run_at_once(request, response, std::move(ahead));
      co_return;
    } else if constexpr (std::is_void_v<Returning>) {
      co_await call(arguments, function_, request, response, ahead);
    } else {
      const Returning result = co_await call(arguments, function_, request, response, ahead);
      Returned<Returning>::respond(request, response, result, in_envelope_);
    }
  }

  /// For a body that is so large that the pool reads it.
  template <class Value>
  Task<> run_with_large(const Request& request, Response& response,
                        std::type_identity<Body<Value>> /*body*/) const {
    BodyReadAhead<Body<Value>> ahead;
    try {
      Value value =
          co_await json_later<Value>(request);  // in a line of its own: g++ 12 would destroy it twice
      ahead.body.value = std::move(value);
    } catch (...) {
      ahead.error = std::current_exception();
    }
    co_await run(request, response, std::move(ahead));
  }

 private:
  static constexpr std::type_identity<Arguments> arguments{};

  Function function_;
  bool in_envelope_;
};

template <class Result, class Arguments, class Function>
RouteHandler handler_of(const Function& function, bool in_envelope) {
  using TakenBody = typename BodyOf<Arguments>::Type;
  const auto call = std::make_shared<const Call<Result, Arguments, Function>>(function, in_envelope);
  RouteHandler handler = nullptr;
  if constexpr (Awaited<Result>::is_task) {
    handler = CoroutineHandler([call](const Request& request, Response& response) {
      return call->run(request, response, NothingReadAhead());
    });
  } else {
    handler = Handler([call](const Request& request, Response& response) {
      call->run_at_once(request, response, NothingReadAhead());
    });
  }
  if constexpr (!std::is_void_v<TakenBody>) {
    handler = std::move(handler).for_large_bodies([call](const Request& request, Response& response) {
      return call->run_with_large(request, response, std::type_identity<TakenBody>());
    });
  }
  return handler;
}

}  // namespace operations

/// A handler whose types are the declaration of its route: they say what is read and checked before it is
/// called, what is sent, and what the document of the API says (Router::document). So these cannot differ.
///
///     chopin::Task<chopin::Created<Note>> create(chopin::Body<NewNote> note, chopin::Database& database);
///
///     router.post("/notes", chopin::operation(create, {.summary = "Makes a note."}));
///
/// A handler is a function, or a lambda that is no template. It takes, in any order, and each by value unless
/// it says `&`:
///
/// | | |
/// |---|---|
/// | `Path<T>` | the parameters of the pattern; 404 if one is not of its type |
/// | `Query<T>` | the query; 422 with every fault |
/// | `Body<T>`, `FormBody<T>` | the body as JSON or as a form; 400, 413, 415 or 422 |
/// | `const Request&` | everything else of the request |
/// | `const User&` | who sends it; the server does not start without a guard before the handler: guard.hpp |
/// | `Response&` | fields for the response; not its status or body, unless the handler returns `void` |
/// | `Service&` | the worker's service of this type, such as `Database&`: see Router::per_worker |
/// | any other type | `T::from(request)`, and `T::declare(declaration)` at the start: a kind of your own |
///
/// It returns a struct with `json_members` or a vector of them (200), a `TypedResponse` such as `Created<T>`
/// or `NoContent`, a std::variant of these and `HttpError`, or a `Task` of any of it. It may throw an
/// HttpError. A value with a member function `entity_tag()`, which returns a text in quotes, is sent with
/// that ETag, and a GET whose If-None-Match names it gets 304. With `ENVIRONMENT=test` a response that is not
/// declared becomes a 500 that says what is wrong.
///
/// Any other kind of handler (see RouteHandler) may be given too: it then has a summary in the document.
///
/// Throws std::invalid_argument if two of what the handler takes are the body, the query or the path, or a
/// pattern of a member is malformed.
template <class Function>
// NOLINTNEXTLINE(performance-unnecessary-value-param): by value, a function becomes a pointer
RouteHandler operation(Function function, About about) {
  auto declaration = std::make_shared<Declaration>();
  declaration->summary = std::move(about.summary);
  declaration->description = std::move(about.description);
  declaration->tag = std::move(about.tag);
  declaration->errors = std::move(about.errors);
  if constexpr (operations::is_plain_handler<Function>) {
    return RouteHandler(std::move(function)).declare(std::move(declaration));
  } else {
    using Signature = operations::Signature<Function>;
    using Result = typename Signature::Result;
    using Arguments = typename Signature::Arguments;
    [&]<class... All>(std::type_identity<std::tuple<All...>>) {
      (operations::Taken<All>::declare(*declaration), ...);
    }(std::type_identity<Arguments>());
    operations::Returned<typename operations::Awaited<Result>::Type>::declare(*declaration,
                                                                              about.in_envelope);
    return operations::handler_of<Result, Arguments>(function, about.in_envelope)
        .declare(std::move(declaration));
  }
}

}  // namespace chopin
