#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "chopin/method.hpp"
#include "chopin/response.hpp"

/// The fields of responses to cross-origin requests (Fetch standard, section 3.2).
namespace chopin::routing {

using FieldText = std::pair<std::string_view, std::string_view>;

inline constexpr FieldText allow_origin{"Access-Control-Allow-Origin", "*"};

/// The parts of a response to a preflight that are not always the same.
struct PreflightLists {
  std::string fields = "Content-Type, Authorization";  ///< that scripts may send
  std::string max_age = "86400";                       ///< in seconds
};

/// The fields of a 204 to a preflight, besides the origin.
std::vector<FieldLine> preflight_lines(const PreflightLists& lists);
/// Puts them into the response. Replaces those that are there.
void put_preflight_lines(const std::vector<FieldLine>& lines, Response& response);

/// Responds to a preflight on a path with these methods.
void respond_to_preflight(MethodSet allowed, Response& response);

}  // namespace chopin::routing
