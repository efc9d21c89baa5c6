#include "cli/nearest.hpp"

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <utility>
#include <vector>

namespace chopin::cli {
namespace {

/// The optimal string alignment distance, row by row.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before_last;
  std::vector<std::size_t> last(b.size() + 1);
  std::iota(last.begin(), last.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::vector<std::size_t> row(b.size() + 1, i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({replaced, last[j] + 1, row[j - 1] + 1});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        row[j] = std::min(row[j], before_last[j - 2] + 1);
      }
    }
    before_last = std::move(last);
    last = std::move(row);
  }
  return last.back();
}

}  // namespace

std::string_view nearest(std::string_view given, std::span<const std::string_view> known) {
  constexpr std::size_t longest = 64;  // no name of ours is longer, and the time grows with the product
  if (given.size() > longest) return {};
  std::string_view best;
  std::size_t least = given.size() / 3 + 1;
  for (const std::string_view name : known) {
    const std::size_t found = distance(given, name);
    if (found >= least) continue;
    least = found;
    best = name;
  }
  return best;
}

std::string did_you_mean(std::string_view given, std::span<const std::string_view> known) {
  const std::string_view meant = nearest(given, known);
  return meant.empty() ? "" : ", did you mean " + std::string(meant);
}

}  // namespace chopin::cli
