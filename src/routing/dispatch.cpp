// How a RouteTable passes a request through its middleware to the handler, and the response back.
#include <cstddef>
#include <cstdint>
#include <exception>
#include <optional>
#include <string_view>
#include <variant>
#include <vector>

#include "chopin/database_error.hpp"
#include "log/line_limit.hpp"
#include "routing/log_request.hpp"
#include "routing/preflight.hpp"
#include "routing/route_table.hpp"

namespace chopin::routing {
namespace {

constexpr MethodSet every_method = [] {
  MethodSet methods;
  for (const Method method : implementable_methods) methods.insert(method);
  return methods;
}();

/// The responses that no handler gives.
void respond_without_handler(MethodSet allowed, const Request& request, Response& response) {
  const Method method = request.method();
  const bool is_for_any = allowed.empty() && (is_tunnel_or_echo(method) || request.path() == "*");
  if (allowed.empty() && !is_for_any) {
    response.error(404, "there is no resource at this path");
    return;
  }
  if (method == Method::options) {
    response.no_content();
  } else {
    response.error(405, "the resource does not implement this method");
  }
  if (is_for_any) {
    static const FieldLine allow_every_method("Allow", every_method.allow());
    response.field(allow_every_method);
  } else {
    response.field("Allow", allowed.allow());
  }
}

/// Runs `before` of a layer that has one. Whether the request goes on to the next one.
bool enter(const Middleware& layer, Request& request, Response& response) {
  const Verdict verdict = layer.before(request, response);
  if (verdict.is_fail()) response.error(verdict.status(), verdict.message());
  return verdict.is_next();
}

/// Runs `after` of the first `entered` layers in reverse order.
void leave(const std::vector<const Middleware*>& layers, std::size_t entered, const Request& request,
           Response& response) noexcept {
  for (; entered > 0; --entered) {
    const Middleware& layer = *layers[entered - 1];
    if (!layer.after) continue;
    try {
      layer.after(request, response);
    } catch (...) {
      RouteTable::respond_to_exception(request, response);
    }
  }
}

/// While a database is away every request that needs it fails.
constexpr std::uint32_t most_database_lines_per_second = 10;

void log_database_error(const Request& request, const DatabaseError& error) {
  thread_local log::LineLimit limit(most_database_lines_per_second);
  const bool is_refusal = error.status() == 500;
  if (!is_refusal && !limit.admits()) return;
  if (const std::uint64_t count = limit.take_left_out(); count > 0) {
    request.log().warn("the database failed in requests that were not logged", {{"left_out", count}});
  }
  log_request(request, is_refusal ? LogLevel::error : LogLevel::warn, "the database failed",
              {{"error", error.what()},
               {"sqlstate", error.sqlstate()},
               {"detail", error.detail()},
               {"status", error.status()}});
}

/// Null if it has none of this kind.
const Handler* handler_of(const Endpoint* endpoint) noexcept {
  if (endpoint == nullptr) return nullptr;
  const auto* const handler = std::get_if<const Handler*>(&endpoint->handler);
  return handler == nullptr ? nullptr : *handler;
}

bool takes_time(const Endpoint* endpoint) noexcept {
  return endpoint != nullptr && !std::holds_alternative<const FastRoute*>(endpoint->handler);
}

}  // namespace

void RouteTable::run_handler(const Found& found, const Request& request, Response& response) const {
  if (const auto* const handler = handler_of(found.endpoint)) return (*handler)(request, response);
  if (found.endpoint == nullptr) return respond_without_handler(found.allowed, request, response);
  if (const auto* const route = std::get_if<const FastRoute*>(&found.endpoint->handler)) {
    const bool is_preflight = request.method() == Method::options && (*route)->has_preflight();
    return is_preflight ? respond_to_preflight(allowed(request.path()), response)
                        : compose(**route, response);
  }
}

void RouteTable::put_body(const FastRoute& route, Response& response) {
  if (route.is_large()) {
    response.body(route.content_type(), route.lent_body());
  } else {
    response.body(route.content_type(), route.body());
  }
}

void RouteTable::add_fields(const FastRoute& route, Response& response) {
  for (const auto& [name, value] : route.headers()) response.field(name, value);
}

std::optional<std::size_t> RouteTable::dispatch(const Found& found, Request& request,
                                                Response& response) const noexcept {
  const auto& layers = layers_of(found);
  std::size_t entered = 0;
  try {
    bool goes_on = true;
    while (goes_on && entered < layers.size()) {
      const Middleware& layer = *layers[entered];
      if (layer.before_later) [[unlikely]]
        return entered;
      ++entered;
      if (layer.before) goes_on = enter(layer, request, response);
    }
    if (goes_on) {
      if (const auto* const handler = handler_of(found.endpoint)) [[likely]] {
        if (found.endpoint->for_large(request) != nullptr) [[unlikely]]
          return entered;
        (*handler)(request, response);
      } else if (takes_time(found.endpoint)) {
        return entered;
      } else {
        run_handler(found, request, response);
      }
    }
  } catch (...) {
    respond_to_exception(request, response);
  }
  leave(layers, entered, request, response);
  return std::nullopt;
}

Task<bool> RouteTable::pass_layers(const Found& found, Request& request, Response& response,
                                   std::size_t& passed) const {
  const auto& layers = layers_of(found);
  while (passed < layers.size()) {
    const Middleware& layer = *layers[passed++];
    if (layer.before_later) {
      const Verdict verdict = co_await layer.before_later(request, response);
      if (verdict.is_fail()) response.error(verdict.status(), verdict.message());
      if (!verdict.is_next()) co_return false;
    } else if (layer.before && !enter(layer, request, response)) {
      co_return false;
    }
  }
  co_return true;
}

void RouteTable::finish(const Found& found, std::size_t passed, const Request& request,
                        Response& response) const noexcept {
  leave(layers_of(found), passed, request, response);
}

void RouteTable::complete_refusal(std::string_view origin, Response& response) const {
  for (const Middleware* const layer : refusal_layers_) layer->on_refusal(origin, response);
}

void RouteTable::respond_to_exception(const Request& request, Response& response) noexcept {
  const auto fail = [&](std::string_view what) {
    log_request(request, LogLevel::error, "a handler threw", {{"error", what}, {"status", 500}});
    response.error(500, "internal error");
  };
  const auto respond = [&](const HttpError& error) {
    response.error(error.status(), error.what(), error.fields(), error.code());
    for (const auto& [name, value] : error.response_fields()) response.field(name, value);
  };
  try {
    try {
      throw;
    } catch (const DatabaseError& error) {
      if (error.status() >= 500) log_database_error(request, error);
      respond(error);
    } catch (const HttpError& error) {
      respond(error);
    } catch (const std::exception& error) {
      fail(error.what());
    } catch (...) {
      fail("something that is not a std::exception");
    }
  } catch (...) {  // not enough memory for the error object, or an illegal field
    response.reset();
    response.status(500);
  }
}

}  // namespace chopin::routing
