#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <typeinfo>
#include <utility>
#include <variant>
#include <vector>

#include "chopin/declaration.hpp"
#include "chopin/error.hpp"
#include "chopin/handler.hpp"
#include "chopin/json_members.hpp"
#include "chopin/json_value.hpp"
#include "chopin/request.hpp"
#include "chopin/response.hpp"
#include "chopin/user.hpp"

/// What a handler of an `operation` takes and returns.
namespace chopin {

namespace operations {

template <class Value>
struct Holder {
  Value value{};

  [[nodiscard]] Value& operator*() noexcept { return value; }
  [[nodiscard]] const Value& operator*() const noexcept { return value; }
  [[nodiscard]] Value* operator->() noexcept { return &value; }
  [[nodiscard]] const Value* operator->() const noexcept { return &value; }
};

template <class Value>
consteval bool path_can_hold() {
  if constexpr (json::Described<Value>)
    return json::has_plain_members<Value>;
  else
    return json::is_plain_value<Value>;
}
template <class Value>
inline constexpr bool is_path = path_can_hold<Value>();

/// Throws std::invalid_argument, naming `what`, if it is declared already.
void declare_once(const json::Type*& declared, const json::Type& type, std::string_view what);
/// Set what is read, and the errors of reading it.
void declare_path(Declaration& declaration, const json::Type& type);
void declare_query(Declaration& declaration, const json::Type& type);
void declare_body(Declaration& declaration, const json::Type& type, std::string_view media_type);
/// Reads the parameters of the pattern. Throws HttpError 404 if one is not of its type.
void read_path(const Request& request, const json::Type& type, void* into);

}  // namespace operations

/// The parameters of a route's pattern: a struct with `json_members` of their names, or, if there is only
/// one, a text, a number, a date or an enumeration.
template <class Value>
struct Path : operations::Holder<Value> {
  static_assert(operations::is_path<Value>, "a path holds a scalar, or a struct of scalars");

  static Path from(const Request& request) {
    Path path;
    operations::read_path(request, json::type_of<Value>, &path.value);
    return path;
  }
  static void declare(Declaration& declaration) {
    operations::declare_path(declaration, json::type_of<Value>);
  }
};

/// The query: see Form::as.
template <class Value>
struct Query : operations::Holder<Value> {
  static Query from(const Request& request) { return {{request.query<Value>()}}; }
  static void declare(Declaration& declaration) {
    operations::declare_query(declaration, json::type_of<Value>);
  }
};

/// The body as JSON: see Request::json.
template <class Value>
struct Body : operations::Holder<Value> {
  static Body from(const Request& request) { return {{request.json<Value>()}}; }
  static void declare(Declaration& declaration) {
    operations::declare_body(declaration, json::type_of<Value>, "application/json");
  }
};

/// The body as a form: see Request::form.
template <class Value>
struct FormBody : operations::Holder<Value> {
  static FormBody from(const Request& request) { return {{request.form<Value>()}}; }
  static void declare(Declaration& declaration) {
    operations::declare_body(declaration, json::type_of<Value>, "application/x-www-form-urlencoded");
  }
};

/// A value that is sent with this status, and fields such as ETag. `void`: there is no body.
template <std::uint16_t status, class Value>
struct TypedResponse {
  static_assert(status >= 200 && status <= 299,
                "a value is sent with 200..299; throw an HttpError otherwise");

  Value value{};
  std::vector<std::pair<std::string, std::string>> fields{};

  /// Adds a field: see Response::field.
  TypedResponse&& field(std::string name, std::string content) && {
    fields.emplace_back(std::move(name), std::move(content));
    return std::move(*this);
  }
};
template <std::uint16_t status>
struct TypedResponse<status, void> {
  static_assert((status >= 200 && status <= 299) || status == 304, "without a body: 200..299 or 304");

  std::vector<std::pair<std::string, std::string>> fields{};

  TypedResponse&& field(std::string name, std::string content) && {
    fields.emplace_back(std::move(name), std::move(content));
    return std::move(*this);
  }
};

template <class Value>
using Ok = TypedResponse<200, Value>;
template <class Value>
using Created = TypedResponse<201, Value>;
template <class Value>
using Accepted = TypedResponse<202, Value>;
using NoContent = TypedResponse<204, void>;
using NotModified = TypedResponse<304, void>;

namespace operations {

/// Whether it is a handler of RouteHandler's own kinds.
template <class Function>
inline constexpr bool is_plain_handler =
    std::is_invocable_v<Function&, const Request&, Response&> || std::is_invocable_v<Function&, Exchange&> ||
    std::is_invocable_v<Function&, Responder>;

template <class Type>
concept HasFrom = requires(const Request& request, Declaration& declaration) {
  { Type::from(request) } -> std::same_as<Type>;
  Type::declare(declaration);
};

template <class Type>
inline constexpr bool is_taken = false;  // as `static_assert` must not fail before a type is given

/// How an argument of a handler is made.
template <class Type>
struct Taken {
  static_assert(HasFrom<Type>,
                "a handler takes chopin::Path<T>, Query<T>, Body<T>, FormBody<T>, const chopin::Request&, "
                "const chopin::User&, chopin::Response&, a worker's service as `T&`, or a type with `from` "
                "and `declare`; see "
                "chopin/operation.hpp");
  static Type from(const Request& request, Response& /*response*/) { return Type::from(request); }
  static void declare(Declaration& declaration) { Type::declare(declaration); }
};
template <class Type>
struct Taken<const Type&> {
  static_assert(is_taken<Type>, "take it by value, or a worker's service as `T&`");
  static Type from(const Request& request, Response& response);
  static void declare(Declaration& declaration);
};
template <>
struct Taken<const Request&> {
  // NOLINTNEXTLINE(bugprone-return-const-ref-from-parameter): it outlives the handler
  static const Request& from(const Request& request, Response& /*response*/) { return request; }
  static void declare(Declaration& /*declaration*/) {}
};
template <>
struct Taken<const User&> {
  static const User& from(const Request& request, Response& /*response*/) { return request.user(); }
  static void declare(Declaration& declaration) { declaration.takes_user = true; }
};
template <>
struct Taken<User> : Taken<const User&> {};
template <>
struct Taken<Response&> {
  static Response& from(const Request& /*request*/, Response& response) { return response; }
  static void declare(Declaration& /*declaration*/) {}
};
template <class Service>
struct Taken<Service&> {
  static_assert(!HasFrom<Service>, "take Path<T>, Query<T>, Body<T> and the like by value");
  static_assert(!std::is_same_v<Service, Request> && !std::is_same_v<Service, User>,
                "take const chopin::Request& and const chopin::User&");
  static Service& from(const Request& request, Response& /*response*/) { return request.worker<Service>(); }
  static void declare(Declaration& declaration) { declaration.services.emplace_back(typeid(Service)); }
};

/// {"success":true,"data":...}
template <class Value>
struct Envelope {
  bool success = false;
  Value data{};

  static constexpr auto json_members =
      members(member("success", &Envelope::success), member("data", &Envelope::data));
};

template <class Value>
void check_body(std::string_view body, bool in_envelope) {
  if (in_envelope)
    (void)read_json<Envelope<Value>>(body);
  else
    (void)read_json<Value>(body);
}

template <class Value>
concept HasEntityTag = requires(const Value& value) {
  { value.entity_tag() } -> std::convertible_to<std::string>;
};

/// Adds the ETag of a value. True if the client has the value already: then the response is complete.
bool respond_with_tag(const Request& request, Response& response, const std::string& tag);

template <class Result>
struct Returned {
  static_assert(
      json::TopLevel<Result>,
      "a handler returns a struct with json_members, a vector of them, chopin::TypedResponse such as "
      "Created<T> or NoContent, chopin::HttpError, or a std::variant or chopin::Task of these; see "
      "chopin/operation.hpp");

  static void respond(const Request& request, Response& response, const Result& result, bool in_envelope) {
    if constexpr (HasEntityTag<Result>) {
      if (respond_with_tag(request, response, result.entity_tag())) return;
    }
    in_envelope ? response.success(result) : response.json(result);
  }
  static void declare(Declaration& declaration, bool in_envelope, std::uint16_t status = 200) {
    declaration.responses.push_back({status, &json::type_of<Result>, in_envelope, check_body<Result>});
    if constexpr (HasEntityTag<Result>) {
      declaration.responses.push_back({.status = 304, .in_envelope = false});
    }
  }
};
template <>
struct Returned<void> {
  static void declare(Declaration& /*declaration*/, bool /*in_envelope*/) {}
};
template <>
struct Returned<HttpError> {
  [[noreturn]] static void respond(const Request& /*request*/, Response& /*response*/, const HttpError& error,
                                   bool /*in_envelope*/) {
    throw error;  // NOLINT(cert-err60-cpp): if the copy finds no memory, that is thrown
  }
  static void declare(Declaration& /*declaration*/, bool /*in_envelope*/) {}
};
template <std::uint16_t status, class Value>
struct Returned<TypedResponse<status, Value>> {
  static void respond(const Request& request, Response& response, const TypedResponse<status, Value>& result,
                      bool in_envelope) {
    response.status(status);
    for (const auto& [name, content] : result.fields) response.field(name, content);
    if constexpr (!std::is_void_v<Value>)
      Returned<Value>::respond(request, response, result.value, in_envelope);
  }
  static void declare(Declaration& declaration, bool in_envelope) {
    if constexpr (std::is_void_v<Value>) {
      declaration.responses.push_back({.status = status, .in_envelope = false});
    } else {
      Returned<Value>::declare(declaration, in_envelope, status);
    }
  }
};
template <class... All>
struct Returned<std::variant<All...>> {
  static void respond(const Request& request, Response& response, const std::variant<All...>& result,
                      bool in_envelope) {
    std::visit(
        [&]<class One>(const One& one) { Returned<One>::respond(request, response, one, in_envelope); },
        result);
  }
  static void declare(Declaration& declaration, bool in_envelope) {
    (Returned<All>::declare(declaration, in_envelope), ...);
  }
};

}  // namespace operations
}  // namespace chopin
