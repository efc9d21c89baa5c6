#include "chopin/guard.hpp"

#include <chrono>
#include <cstddef>
#include <optional>
#include <string_view>
#include <utility>
#include <variant>

#include "routing/log_request.hpp"
#include "text/characters.hpp"

namespace chopin::middleware {
namespace {

/// What a request has in its Authorization fields.
struct Credentials {
  bool are_given = false;  ///< there are some of this scheme, or several fields
  std::optional<std::string_view> token{};
};

Credentials credentials_of(const Request& request) {
  constexpr std::string_view scheme = "Bearer";
  Credentials found;
  std::size_t fields = 0;
  for (const Field& field : request.fields()) {
    if (!text::equals_ignoring_case(field.name, "Authorization")) continue;
    ++fields;
    const std::size_t space = field.value.find(' ');
    if (!text::equals_ignoring_case(field.value.substr(0, space), scheme)) continue;
    found.are_given = true;
    if (space == std::string_view::npos) continue;
    const std::size_t begin = field.value.find_first_not_of(' ', space);  // RFC 9110 section 11.4: 1*SP
    if (begin != std::string_view::npos) found.token = field.value.substr(begin);
  }
  if (fields > 1) return {.are_given = true, .token = std::nullopt};
  return found;
}

Verdict refuse(bool is_invalid, Response& response) {
  static const FieldLine challenge("WWW-Authenticate", R"(Bearer realm="chopin")");
  static const FieldLine invalid("WWW-Authenticate", R"(Bearer realm="chopin", error="invalid_token")");
  response.error(401, is_invalid ? "the token is not valid" : "a bearer token is needed");
  response.field(is_invalid ? invalid : challenge);
  return Verdict::done();
}

Verdict authenticate(const TokenKeys& keys, Request& request, Response& response) {
  const Credentials credentials = credentials_of(request);
  if (!credentials.token) return refuse(credentials.are_given, response);
  auto read = keys.verify(*credentials.token, std::chrono::system_clock::now());
  if (const auto* const fault = std::get_if<TokenFault>(&read)) {
    routing::log_request(request, LogLevel::debug, "a token was refused", {{"why", to_string(*fault)}});
    return refuse(true, response);
  }
  auto& claims = std::get<Claims>(read);
  request.set_user({.id = std::move(claims.subject),
                    .roles = std::move(claims.roles),
                    .token_id = std::move(claims.id),
                    .family = std::move(claims.family),
                    .expires = claims.expires});
  return Verdict::next();
}

Verdict require_role(std::string_view role, const Request& request, Response& response) {
  if (request.user().has_role(role)) return Verdict::next();
  static const FieldLine insufficient("WWW-Authenticate",
                                      R"(Bearer realm="chopin", error="insufficient_scope")");
  response.error(403, "the user does not have the role that this needs").field(insufficient);
  return Verdict::done();
}

}  // namespace

Middleware bearer(TokenKeys keys, std::string reason) {
  return {
      .name = "bearer",
      .reason = std::move(reason),
      .before = [keys = std::move(keys)](
                    Request& request, Response& response) { return authenticate(keys, request, response); },
      .errors = {{401, "there is no valid bearer token"}},
      .wants_token = true};
}

Middleware role(const std::string& role, std::string reason) {
  return {.name = "role " + role,
          .reason = std::move(reason),
          .before = [role](const Request& request,
                           Response& response) { return require_role(role, request, response); },
          .errors = {{403, "the user does not have the role \"" + role + "\""}}};
}

}  // namespace chopin::middleware
