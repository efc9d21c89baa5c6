#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "chopin/executor.hpp"
#include "chopin/json.hpp"
#include "chopin/json_value.hpp"
#include "chopin/on_pool.hpp"
#include "chopin/request.hpp"

namespace chopin {

/// From this size on, in bytes, a body takes so long to read as JSON, half a millisecond and more, that a
/// thread of the pool does it (see on_pool).
inline constexpr std::size_t large_json = std::size_t{64} * 1024;

namespace json {

/// Reads the body of a request into `value`, which is new.
Task<> read_later(const Request& request, const Type& type, std::shared_ptr<void> value);
/// The body as a text that outlives the request.
std::shared_ptr<const std::string> kept_body(const Request& request);

/// Threads of the pool wait for long between two texts.
class GiveBackAtEnd {
 public:
  GiveBackAtEnd() = default;
  ~GiveBackAtEnd();
  GiveBackAtEnd(const GiveBackAtEnd&) = delete;
  GiveBackAtEnd& operator=(const GiveBackAtEnd&) = delete;
};

/// What the pool calls. Not a parameter, nor a lambda, of a coroutine that is a template: g++ 14 crashes if
/// its types are in an anonymous namespace.
template <class Read>
struct MembersReader {
  std::shared_ptr<const std::string> body;
  Read read;

  auto operator()() {
    const GiveBackAtEnd memory;
    JsonObject object(*body);  // NOLINT(misc-const-correctness): most functions change it
    return read(object);
  }
};

template <class Value>
Task<Value> made(Value value) {
  co_return std::move(value);
}

}  // namespace json

/// As Request::json, for a coroutine: a body of `large_json` bytes or more is read on the pool, while the
/// worker serves other requests. The handlers of an `operation` need not call it: their Body<T> is read in
/// this way.
///
///     const auto order = co_await chopin::json_later<Order>(request);
///
/// Thread safety: the worker's thread; constructors and moves of what is read run on the pool.
/// Lifetime: the request must outlive the coroutine.
/// Throws: what Request::json and on_pool throw.
template <class Value>
[[nodiscard]] Task<Value> json_later(const Request& request) {
  static_assert(json::TopLevel<Value>, "a text holds a struct or a vector");
  const auto value = std::make_shared<Value>();
  co_await json::read_later(request, json::type_of<Value>, value);
  co_return std::move(*value);
}
/// The same for a body that is read member by member, by `read(JsonObject&)`, which returns what it has read:
/// on the pool, too. It must not use the worker's services, nor the request.
///
///     const Item item = co_await chopin::json_later(request, read_item);
template <class Read>
  requires std::is_invocable_v<Read&, JsonObject&>
[[nodiscard]] Task<std::invoke_result_t<Read&, JsonObject&>> json_later(const Request& request, Read read) {
  const std::string_view text = request.json_text();
  if (text.size() < large_json) {
    JsonObject object(text);  // NOLINT(misc-const-correctness): as above
    return json::made(read(object));
  }
  return on_pool(json::MembersReader<Read>{json::kept_body(request), std::move(read)});
}

/// Throws HttpError 400 if a body of `large_json` bytes or more is not JSON, whatever its Content-Type.
[[nodiscard]] Task<> check_json_later(const Request& request);

}  // namespace chopin
