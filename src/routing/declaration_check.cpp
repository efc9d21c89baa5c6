#include "routing/declaration_check.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include <fmt/core.h>

#include "routing/log_request.hpp"

namespace chopin::routing {
namespace {

/// Of the response, in bytes: enough for an error.
constexpr std::size_t longest_logged = 500;

/// What is wrong with a response, empty if nothing is.
std::string fault_of(const Response& response, const Declaration& declaration,
                     const std::set<std::uint16_t>& errors) {
  constexpr std::uint16_t least_error = 400;
  constexpr std::uint16_t least_server_error = 500;
  const std::uint16_t status = response.status();
  if (status >= least_server_error || errors.contains(status)) return {};
  if (status < least_error && declaration.responses.empty()) return {};
  const auto found = std::ranges::find(declaration.responses, status, &DeclaredResponse::status);
  if (found == declaration.responses.end()) {
    return fmt::format("it does not declare the status {}{}", status,
                       status >= least_error ? ": add it to `.errors`" : "");
  }
  if (found->check == nullptr) {
    return response.body().empty() ? std::string()
                                   : fmt::format("it declares no body for the status {}", status);
  }
  if (!response.is_json()) return fmt::format("it declares JSON for the status {}", status);
  try {
    found->check(response.body(), found->in_envelope);
  } catch (const HttpError& error) {
    std::string fault = error.what();
    for (const auto& [name, message] : error.fields()) fault += fmt::format("; {} {}", name, message);
    return fault;
  }
  return {};
}

}  // namespace

Middleware declaration_check(const Declaration& declaration, const std::vector<const Middleware*>& layers,
                             std::string route) {
  std::set<std::uint16_t> errors;
  for (const DeclaredError& error : declaration.errors) errors.insert(error.status);
  for (const Middleware* const layer : layers) {
    for (const DeclaredError& error : layer->errors) errors.insert(error.status);
  }
  return {.name = "declaration-check",
          .reason = "outermost: it sees what is sent",
          .after = [&declaration, errors = std::move(errors), route = std::move(route)](
                       const Request& request, Response& response) {
            const std::string fault = fault_of(response, declaration, errors);
            if (fault.empty()) return;
            log_request(request, LogLevel::error, "a response is not as declared",
                        {{"error", fault}, {"response", response.body().substr(0, longest_logged)}});
            response.error(500, fmt::format("{}: the response is not as declared: {}", route, fault));
          }};
}

}  // namespace chopin::routing
