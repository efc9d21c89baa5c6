#include "naive_match.hpp"

#include <utility>

namespace chopin::fuzz {
namespace {

/// Removes the first segment of a path that begins with a slash.
std::string_view take_segment(std::string_view& path) {
  const std::string_view segment = path.substr(1, path.substr(1).find('/'));
  path.remove_prefix(1 + segment.size());
  return segment;
}

struct Match {
  std::string rank;  ///< a letter for each segment; preferred kinds come first in the alphabet
  std::vector<Param> params;
};

std::optional<Match> match(std::string_view pattern, std::string_view path) {
  Match match;
  while (!pattern.empty()) {
    if (path.empty()) return std::nullopt;
    const std::string_view want = take_segment(pattern);
    if (want.ends_with("...}")) {
      match.rank += 'c';
      match.params.push_back({want.substr(1, want.size() - 5), path.substr(1)});
      return match;
    }
    const std::string_view have = take_segment(path);
    if (want.starts_with('{')) {
      if (have.empty()) return std::nullopt;
      match.rank += 'b';
      match.params.push_back({want.substr(1, want.size() - 2), have});
    } else {
      if (want != have) return std::nullopt;
      match.rank += 'a';
    }
  }
  if (!path.empty()) return std::nullopt;
  return match;
}

}  // namespace

std::optional<NaiveMatch> naive_match(std::span<const std::string> patterns, std::string_view path) {
  std::optional<NaiveMatch> best;
  std::string best_rank;
  if (!path.starts_with('/')) return best;
  for (std::size_t i = 0; i < patterns.size(); ++i) {
    auto found = match(patterns[i], path);
    if (!found || (best && best_rank <= found->rank)) continue;
    best_rank = std::move(found->rank);
    best = NaiveMatch{.pattern = i, .params = std::move(found->params)};
  }
  return best;
}

}  // namespace chopin::fuzz
