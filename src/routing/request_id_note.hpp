#pragma once

#include <string_view>

namespace chopin::routing {

/// The note that says that the request-id middleware is on, with the id, and the field that carries it.
inline constexpr std::string_view request_id_note = "request-id";
inline constexpr std::string_view request_id_field = "X-Request-Id";

}  // namespace chopin::routing
