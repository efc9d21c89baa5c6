#pragma once

#include <array>
#include <string_view>
#include <utility>

/// The fields of cross-origin answers (Fetch standard, section 3.2).
namespace chopin::routing {

using FieldText = std::pair<std::string_view, std::string_view>;

inline constexpr FieldText allow_origin{"Access-Control-Allow-Origin", "*"};

/// Of the 204 to a preflight, besides the origin; the age in seconds.
inline constexpr std::array<FieldText, 3> preflight_fields{{
    {"Access-Control-Allow-Methods", "GET, HEAD, POST, PUT, DELETE, PATCH, OPTIONS"},
    {"Access-Control-Allow-Headers", "Content-Type, Authorization"},
    {"Access-Control-Max-Age", "86400"},
}};

}  // namespace chopin::routing
