#pragma once

#include <span>
#include <string>
#include <string_view>

namespace chopin::cli {

/// The known name that the given one may be a misspelling of: at most a third of its characters inserted,
/// left out, replaced or swapped with a neighbour. Empty if there is none.
std::string_view nearest(std::string_view given, std::span<const std::string_view> known);

/// The end of a message that refuses `given`: ", did you mean" and the nearest known name, or nothing.
std::string did_you_mean(std::string_view given, std::span<const std::string_view> known);

}  // namespace chopin::cli
