#include <array>
#include <cstddef>
#include <random>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "fuzz/naive_match.hpp"
#include "routing/named_routes.hpp"
#include "routing/route_table.hpp"

namespace chopin::routing {
namespace {

/// Routes made of few different segments, so that many match the same paths.
class RandomRoutes {
 public:
  explicit RandomRoutes(std::size_t count) {
    std::set<std::string> shapes;
    while (patterns_.size() < count) {
      std::string pattern = "/" + text();  // or one pattern would match every path
      std::string shape = pattern;
      const std::size_t segments = below(5);
      for (std::size_t i = 0; i < segments; ++i) {
        const std::string name = "p" + std::to_string(below(3)) + std::to_string(i);
        const std::size_t kind = below(10);
        const bool is_rest = kind == 0 && i + 1 == segments;
        const std::string text = this->text();
        pattern += '/' + (is_rest ? "{" + name + "...}" : kind < 4 ? "{" + name + "}" : text);
        shape += '/' + (is_rest ? "{...}" : kind < 4 ? "{}" : text);
      }
      if (shapes.insert(shape).second) patterns_.push_back(pattern);
    }
  }

  [[nodiscard]] const std::vector<std::string>& patterns() const noexcept { return patterns_; }

  std::string path() {
    std::string path;
    const std::size_t segments = below(7) + 1;
    for (std::size_t i = 0; i < segments; ++i) path += '/' + (below(8) == 0 ? "other" : text());
    return path;
  }

 private:
  std::size_t below(std::size_t limit) { return static_cast<std::size_t>(generator_()) % limit; }
  std::string text() {
    return std::array<std::string, 6>{"a", "b", "ab", "", "c", "long-text-segment"}[below(6)];
  }

  std::mt19937 generator_{20260101};
  std::vector<std::string> patterns_;
};

TEST(RouteTable, agrees_with_a_matcher_that_tries_every_pattern) {
  RandomRoutes routes(1000);
  const RouteTable table(router_of(routes.patterns()), Mode::standard);
  std::vector<Param> params;
  std::set<std::size_t> matched;
  std::size_t missed = 0;
  for (int i = 0; i < 5000; ++i) {
    const std::string path = routes.path();
    const auto expected = fuzz::naive_match(routes.patterns(), path);
    const auto found = table.find(Method::get, path, params);
    ASSERT_EQ(found.endpoint != nullptr, expected.has_value()) << path;
    if (!expected) {
      ++missed;
      continue;
    }
    Request request({.path = path, .params = params});
    Response response;
    table.dispatch(found, request, response);
    Response wanted;
    naming(routes.patterns()[expected->pattern])(Request({.params = expected->params}), wanted);
    ASSERT_EQ(response.body(), wanted.body()) << path;
    matched.insert(expected->pattern);
  }
  EXPECT_GT(matched.size(), 300U);
  EXPECT_GT(missed, 300U);
}

}  // namespace
}  // namespace chopin::routing
