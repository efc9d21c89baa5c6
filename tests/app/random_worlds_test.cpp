#include "app/random_worlds.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <gtest/gtest.h>

namespace chopin::app {
namespace {

TEST(RandomWorlds, are_all_the_ids_that_there_are) {
  RandomWorlds random(1);
  std::vector<bool> seen(RandomWorlds::worlds + 2);
  for (int draw = 0; draw < 20 * RandomWorlds::worlds; ++draw) {
    seen.at(static_cast<std::size_t>(random.next())) = true;
  }
  EXPECT_EQ(std::ranges::count(seen, true), RandomWorlds::worlds);
  EXPECT_FALSE(seen.front());
  EXPECT_FALSE(seen.back());
}

TEST(RandomWorlds, in_ascending_order_are_different_ones) {
  RandomWorlds random(1);
  for (const std::size_t count : {std::size_t{1}, std::size_t{500}, std::size_t{5000}}) {
    const std::vector<std::int32_t> ids = random.ascending(count);
    EXPECT_EQ(ids.size(), count);
    EXPECT_EQ(std::ranges::adjacent_find(ids, std::ranges::greater_equal()), ids.end());
  }
}

TEST(RandomWorlds, differ_between_workers) {
  EXPECT_NE(RandomWorlds().ascending(500), RandomWorlds().ascending(500));
}

}  // namespace
}  // namespace chopin::app
