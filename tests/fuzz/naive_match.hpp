#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "chopin/request.hpp"

namespace chopin::fuzz {

struct NaiveMatch {
  std::size_t pattern;        ///< index of the one that wins
  std::vector<Param> params;  ///< views of the pattern and the path
};

/// What a router should find for a normal path: tries every pattern, no two of which match the same paths,
/// and compares the matching ones segment by segment. Slow, but short enough to be obviously correct.
std::optional<NaiveMatch> naive_match(std::span<const std::string> patterns, std::string_view path);

}  // namespace chopin::fuzz
