#pragma once

#include <initializer_list>
#include <string_view>

#include "chopin/log.hpp"
#include "chopin/request.hpp"

namespace chopin::routing {

/// Logs a line about this request, with its method and target, `facts`, of which there may be 8, and its id
/// if it has one.
void log_request(const Request& request, LogLevel level, std::string_view message,
                 std::initializer_list<LogField> facts = {}) noexcept;

}  // namespace chopin::routing
